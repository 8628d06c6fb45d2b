//! Successive halving: short runs of many arms, longer ones of those that do best, and a last round of few.

use serde::{Deserialize, Serialize};
use trainlet_worker::message::{Figures, Model, Request};

use super::Error;
use super::found::name;
use super::plan::{Arm, Plan, Round};
use super::recipe::shortened;
use super::score::Score;
use super::splits::{Stored, StoredFold};
use super::workers::Job;
use trainlet::nn::loss::Task;

/// The models that networks are compared with. Logistic regression takes long where there is much to learn from.
pub fn models(task: Task, inputs: usize, samples: usize) -> [Model; 2] {
    /// Products of samples, inputs and classes.
    const LARGE: usize = 200_000;
    let is_logistic = (1..=LARGE / (inputs * samples).max(1)).contains(&task.classes());
    [if is_logistic { Model::Logistic } else { Model::Ridge }, Model::Forest]
}

/// What a job of the last round is for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To choose: an arm on a validation of a fold.
    Validate {
        /// Number of the finalist.
        finalist: usize,
        /// Number of the fold.
        fold: usize,
    },
    /// To say how good it is: an arm on a fold that it has not seen.
    Test {
        /// Number of the finalist.
        finalist: usize,
        /// Number of the fold.
        fold: usize,
    },
    /// A plain model on a fold.
    Baseline {
        /// Which: the linear one, then the forest.
        model: usize,
        /// Number of the fold.
        fold: usize,
    },
}

impl Purpose {
    /// Whether it says something of the first finalist.
    pub fn is_of_first(self) -> bool {
        matches!(self, Self::Validate { finalist: 0, .. } | Self::Test { finalist: 0, .. })
    }
}

/// What an arm has reached before the last round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Scores of its last validations, fold by fold.
    pub scores: Vec<Score>,
    /// Rounds that it took part in.
    pub rounds: usize,
}

/// Runs jobs and gives the scores of their predictions; `None` of those that were not run, because the time was over.
pub type Run<'a> = &'a dyn Fn(&[Trial]) -> Result<Vec<Option<Score>>, Error>;

/// A job, and what its predictions are compared with.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// For the worker.
    pub job: Job,
    /// Labels of what is predicted.
    pub split: &'a Stored,
    /// About how many seconds it takes.
    pub seconds: f64,
}

/// What is searched.
pub struct Search<'a> {
    /// Of the networks.
    pub task: Task,
    /// The splits.
    pub folds: &'a [StoredFold],
    /// Of all candidates.
    pub figures: &'a [Figures],
    /// RAM of each candidate.
    pub ram: &'a [usize],
    /// What they are compared with.
    pub models: [Model; 2],
    /// How it goes.
    pub plan: &'a Plan,
    /// Determines every random number.
    pub seed: u64,
}

impl Search<'_> {
    /// The short rounds: what each arm has reached, and which are left, the best first.
    ///
    /// # Errors
    /// Those of the workers.
    pub fn short_rounds(&self, run: Run) -> Result<(Vec<Standing>, Vec<usize>), Error> {
        let mut standings = vec![Standing { scores: Vec::new(), rounds: 0 }; self.plan.arms.len()];
        let mut left: Vec<usize> = (0..self.plan.arms.len()).collect();
        for (number, round) in (1..).zip(&self.plan.rounds) {
            let jobs: Vec<_> = left.iter().flat_map(|arm| self.validations(*arm, round)).collect();
            let scores = run(&jobs)?;
            let of_arm = scores.chunks(round.folds);
            for (arm, scores) in left.iter().zip(of_arm) {
                // What was not run to its end says as little as what was not begun.
                if let Some(scores) = scores.iter().copied().collect::<Option<Vec<_>>>() {
                    standings[*arm] = Standing { scores, rounds: number };
                }
            }
            left = self.best(left, &standings, round.keep);
        }
        left.truncate(self.plan.finalists);
        Ok((standings, left))
    }

    fn validations(&self, arm: usize, round: &Round) -> impl Iterator<Item = Trial<'_>> + use<'_> {
        let Arm { candidate, recipe } = self.plan.arms[arm];
        let recipe = shortened(&recipe, round.share);
        let folds = self.folds.iter().take(round.folds);
        folds.filter_map(move |fold| {
            let split = fold.validations.first()?;
            Some(self.train(Arm { candidate, recipe }, split, self.seed))
        })
    }

    fn train<'s>(&self, Arm { candidate, recipe }: Arm, split: &'s Stored, seed: u64) -> Trial<'s> {
        let request = Request::Train { candidate, split: split.path.clone(), recipe, seed };
        Trial {
            job: Job { what: format!("trains {}", self.figures[candidate].name), request },
            split,
            seconds: self.plan.run_seconds(&Arm { candidate, recipe }, self.figures, split.samples),
        }
    }

    /// The best of some arms, at most `keep`: most of them by score, some for being the best of those that need much less RAM.
    fn best(&self, mut arms: Vec<usize>, standings: &[Standing], keep: usize) -> Vec<usize> {
        let value = |arm: &usize| {
            let Standing { scores, rounds } = &standings[*arm];
            (*rounds, scores.iter().map(|score| score.value).sum::<f64>())
        };
        arms.sort_by(|a, b| value(b).partial_cmp(&value(a)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
        let ram = |arm: usize| self.ram[self.plan.arms[arm].candidate];
        let most = arms.iter().map(|arm| ram(*arm)).max().unwrap_or(0);
        let small = [most / 2, most / 4].map(|limit| arms.iter().copied().find(|arm| ram(*arm) <= limit));
        let mut kept: Vec<usize> = arms.iter().copied().take(keep.saturating_sub(small.len())).collect();
        kept.extend(small.into_iter().flatten());
        kept.extend(&arms);
        let mut seen = std::collections::BTreeSet::new();
        kept.retain(|arm| seen.insert(*arm));
        kept.truncate(keep);
        kept
    }

    /// The jobs of the last round, in an order that depends on nothing else: shards divide them by number.
    pub fn last_round(&self, finalists: &[usize]) -> Vec<(Purpose, Trial<'_>)> {
        let mut jobs = Vec::new();
        for (finalist, arm) in finalists.iter().enumerate() {
            if finalist == 1 {
                jobs.extend(self.baselines());
            }
            let arm = self.plan.arms[*arm];
            for (fold, StoredFold { test, validations }) in self.folds.iter().enumerate() {
                for split in validations.iter().take(self.plan.validations) {
                    jobs.push((Purpose::Validate { finalist, fold }, self.train(arm, split, self.seed + 1)));
                }
                for repeat in 0..self.plan.seeds {
                    jobs.push((Purpose::Test { finalist, fold }, self.train(arm, test, self.seed + repeat)));
                }
            }
        }
        if finalists.len() < 2 {
            jobs.extend(self.baselines());
        }
        jobs
    }

    fn baselines(&self) -> Vec<(Purpose, Trial<'_>)> {
        let mut jobs = Vec::new();
        for (model, which) in self.models.into_iter().enumerate() {
            for (fold, StoredFold { test, .. }) in self.folds.iter().enumerate() {
                let request =
                    Request::Baseline { model: which, split: test.path.clone(), classes: self.task.classes() };
                let job = Job { what: format!("fits a {}", name(which, self.task.classes() > 0)), request };
                jobs.push((Purpose::Baseline { model, fold }, Trial { job, split: test, seconds: 0.0 }));
            }
        }
        jobs
    }
}
