//! How much is tried, by the size of the data alone, so that every machine tries the same.

use serde::{Deserialize, Serialize};
use trainlet_worker::message::{Figures, Recipe, StateName};

use super::folds::learnt_in_validation;
use super::recipe::recipes;

/// A network and how it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Number of the candidate.
    pub candidate: usize,
    /// How it is trained.
    pub recipe: Recipe,
}

/// How the search goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What enters the first round.
    pub arms: Vec<Arm>,
    /// Short rounds that leave few of them.
    pub rounds: Vec<Round>,
    /// How many arms are left for the last round, which is of full length.
    pub finalists: usize,
    /// Validations of each fold in the last round.
    pub validations: usize,
    /// Runs with other seeds for each test in the last round.
    pub seeds: u64,
}

/// A short round: one validation in each of some folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Of the length of a full run.
    pub share: f64,
    /// In how many folds.
    pub folds: usize,
    /// How many arms are left after it.
    pub keep: usize,
}

/// Seconds of a core for each sample that is learnt from, and for each of its multiply-accumulates: an estimate for a usual computer.
const SECONDS_PER_SAMPLE: f64 = 0.7e-6;
const SECONDS_PER_MAC: f64 = 0.5e-9;
/// Cores that a search is planned for.
const CORES: f64 = 2.0;
/// Seconds of the time that are for compiling, and for the plain models.
const ASIDE: f64 = 45.0;

impl Plan {
    /// For candidates that are trained in the given states, `samples` samples, and `minutes` minutes on two cores.
    pub fn new(
        candidates: &[(usize, StateName)],
        figures: &[Figures],
        samples: usize,
        folds: usize,
        minutes: f64,
    ) -> Self {
        let train = samples - samples / folds;
        let arms: Vec<Arm> = candidates
            .iter()
            .flat_map(|(candidate, state)| {
                recipes(train)
                    .into_iter()
                    .map(|recipe| Arm { candidate: *candidate, recipe: Recipe { state: *state, ..recipe } })
            })
            .collect();
        let seconds = (60.0 * minutes - ASIDE).max(15.0) * CORES;
        let mut plan = Self::full(arms, folds);
        for smaller in [Self::with_fewer_repeats, Self::with_fewer_finalists, Self::with_shorter_rounds] {
            if plan.seconds(figures, train, folds) > seconds {
                smaller(&mut plan);
            }
        }
        let share = (seconds / plan.seconds(figures, train, folds)).min(1.0);
        for arm in &mut plan.arms {
            arm.recipe.epochs = ((share * f64::from(arm.recipe.epochs)) as u32).max(1);
        }
        plan
    }

    fn full(arms: Vec<Arm>, folds: usize) -> Self {
        let third = arms.len().div_ceil(3);
        let rounds = vec![Round { share: 0.4, folds: folds.min(2), keep: third }, Round { share: 0.7, folds, keep: 8 }];
        Self { arms, rounds, finalists: 8, validations: super::folds::VALIDATIONS as usize, seeds: 2 }
    }

    fn with_fewer_repeats(&mut self) {
        self.seeds = 1;
    }

    fn with_fewer_finalists(&mut self) {
        self.finalists = 6;
        self.rounds[0].keep = self.arms.len().div_ceil(4);
        self.rounds[1].keep = 6;
    }

    fn with_shorter_rounds(&mut self) {
        self.rounds[0].share = 0.25;
        self.rounds[1].share = 0.4;
        self.rounds[1].folds = self.rounds[1].folds.min(3);
        self.validations = 1;
    }

    /// About how long it takes one core.
    pub fn seconds(&self, figures: &[Figures], samples: usize, folds: usize) -> f64 {
        let mean = self.arms.iter().map(|arm| self.run_seconds(arm, figures, samples)).sum::<f64>()
            / self.arms.len().max(1) as f64;
        let validation = learnt_in_validation(samples) as f64 / samples.max(1) as f64;
        let (mut arms, mut runs) = (self.arms.len(), 0.0);
        for Round { share, folds, keep } in &self.rounds {
            runs += validation * share * (folds * arms) as f64;
            arms = arms.min(*keep);
        }
        let last = folds as f64 * (validation * self.validations as f64 + self.seeds as f64);
        mean * (runs + last * arms.min(self.finalists) as f64)
    }

    /// About how long a run takes one core.
    pub fn run_seconds(&self, arm: &Arm, figures: &[Figures], samples: usize) -> f64 {
        let macs = figures[arm.candidate].modes.first().map_or(0, |mode| mode.train_macs);
        let sample = SECONDS_PER_SAMPLE + SECONDS_PER_MAC * macs as f64;
        sample * f64::from(arm.recipe.epochs) * samples as f64
    }
}
