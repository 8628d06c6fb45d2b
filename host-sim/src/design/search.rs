//! The whole search.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use trainlet::nn::loss::Task;
use trainlet_worker::message::{Figures, StateName};

use super::finish::{Results, finish};
use super::folds::{constant, folds};
use super::found::{About, Candidate, Draft, Found, Part};
use super::halving::{Search, Trial, models};
use super::limits::{self, Limits};
use super::plan::Plan;
use super::score::Score;
use super::space::{self, MAX_INPUTS, MAX_OUTPUTS, Problem, Proposal};
use super::workers::Pool;
use super::{Error, Options, compile, generate, splits};
use crate::data::{Dataset, Target};
use crate::run::shard::Shard;

/// Share of the time that the short rounds may take.
const SHORT: f64 = 0.55;
/// Fewest samples of a fold.
const LEAST: usize = 2;

/// Progress of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// So many candidates are compiled now.
    Compiling(usize),
    /// Estimated seconds of one core for all rounds.
    Training(f64),
    /// A run has finished; its estimated seconds of one core.
    Run(f64),
}

/// What a search gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The result.
    Found(Box<Found>),
    /// The part of a shard.
    Part(Box<Part>),
}

/// Finds a network for these data. Once `stop` is true, it ends with the best so far.
///
/// # Errors
/// Data that no network can be found for, candidates of which none fits, and what the compiler or a worker says.
pub fn search(
    options: &Options,
    set: &Dataset,
    command: &str,
    shard: Option<Shard>,
    stop: &AtomicBool,
    watch: &(dyn Fn(Event) + Sync),
) -> Result<Outcome, Error> {
    let started = Instant::now();
    let deadline = started + Duration::from_secs_f64(60.0 * options.minutes.max(0.1));
    let count = check(set, options.folds as usize)?;
    let limits = options.limits();
    let problem = Problem { inputs: set.width, window: window(set), task: set.target.task() };
    let proposals = space::proposals(&problem, limits::for_trainer(set.width, limits.ram));
    watch(Event::Compiling(proposals.len()));
    let program = compile::program(&generate::source(&problem, &proposals));
    if stop.load(Ordering::Relaxed) {
        return Err(Error::NothingInTime);
    }
    let program = program?;
    let pool = Pool::start(program)?;
    let figures = pool.figures()?;
    let candidates: Vec<_> = proposals
        .iter()
        .zip(&figures)
        .map(|(proposal, figures)| candidate(&problem, proposal, figures, &limits))
        .collect();
    let fitting: Vec<(usize, StateName)> =
        candidates.iter().enumerate().filter(|(_, of)| of.fits).map(|(number, of)| (number, of.state)).collect();
    if fitting.is_empty() {
        let reasons = candidates.iter().filter_map(|of| Some(format!("{} {}", of.name, of.reason.as_ref()?)));
        return Err(Error::NothingFits { reasons: reasons.collect::<Vec<_>>().join("; ") });
    }
    let folder = tempfile::tempdir().map_err(Error::file("the folder for temporary files"))?;
    let folds = folds(set, count, options.seed)?;
    let stored = splits::store(set, &folds, folder.path())?;
    let plan = Plan::new(&fitting, &figures, set.len(), count, options.minutes);
    watch(Event::Training(plan.seconds(&figures, set.len() - set.len() / count, count)));
    let ram: Vec<_> = candidates.iter().map(|candidate| candidate.ram).collect();
    let task = set.target.task();
    let models = models(task, set.width, set.len());
    let search = Search { task, models, folds: &stored, figures: &figures, ram: &ram, plan: &plan, seed: options.seed };
    let run = |trials: &[Trial], until: Option<Instant>| -> Result<Vec<Option<Score>>, Error> {
        let is_over = || until.is_some_and(|until| stop.load(Ordering::Relaxed) || Instant::now() > until);
        let jobs: Vec<_> = trials.iter().map(|trial| trial.job.clone()).collect();
        let outcomes = pool.run(&jobs, &is_over, &|number, _| watch(Event::Run(trials[number].seconds)))?;
        let score = |(trial, outcome): (&Trial, Option<trainlet_worker::message::Outcome>)| {
            outcome.map(|outcome| Score::of(task, &outcome.outputs, &trial.split.labels))
        };
        Ok(trials.iter().zip(outcomes).map(score).collect())
    };
    // The last round is what counts: the short ones leave it most of the time.
    let (begun, left) = (Instant::now(), deadline.saturating_duration_since(Instant::now()));
    let (standings, finalists) = search.short_rounds(&|trials| run(trials, Some(begun + left.mul_f64(SHORT))))?;
    let jobs = search.last_round(&finalists);
    let is_mine = |number: usize| shard.is_none_or(|shard| shard.has(number));
    let (numbers, mine): (Vec<_>, Vec<_>) = jobs
        .iter()
        .enumerate()
        .filter(|(number, _)| is_mine(*number))
        .map(|(number, (_, trial))| (number, trial.clone()))
        .unzip();
    // The first finalist, the best so far, has its figures even if the time is over or the search was stopped.
    let first = numbers.iter().filter(|number| jobs[**number].0.is_of_first()).count();
    let mut scores = run(&mine[..first], None)?;
    scores.extend(run(&mine[first..], Some(deadline))?);
    let results: Results =
        numbers.into_iter().zip(scores).filter_map(|(number, score)| Some((number, Some(score?)))).collect();
    let short = standings.iter().all(|standing| standing.rounds > 0);
    let draft = Draft {
        command: command.into(),
        data: about(set, options, count),
        limits,
        candidates,
        types: proposals.into_iter().map(types).collect(),
        constant: constant(set, &folds, |outputs, labels| Score::of(task, outputs, labels).main),
        jobs: jobs.iter().map(|(purpose, _)| *purpose).collect(),
        models,
        plan: plan.clone(),
        standings,
        finalists,
        complete: short,
    };
    match shard {
        None => Ok(Outcome::Found(Box::new(finish(&draft, &results).ok_or(Error::NothingInTime)?))),
        Some(Shard { number, count }) => {
            Ok(Outcome::Part(Box::new(Part { shard: number, shards: count, draft, results })))
        }
    }
}

/// The number of folds.
fn check(set: &Dataset, folds: usize) -> Result<usize, Error> {
    let (name, rows) = (set.name.clone(), set.len());
    if set.labels.is_empty() {
        return Err(Error::NoLabels { name });
    }
    if set.width > MAX_INPUTS {
        return Err(Error::TooManyInputs { name, inputs: set.width, most: MAX_INPUTS });
    }
    let outputs = match set.target.task() {
        Task::Classify { classes } => classes,
        Task::Regress { values } => values,
    };
    if outputs > MAX_OUTPUTS {
        return Err(Error::TooManyOutputs { name, outputs, most: MAX_OUTPUTS });
    }
    if let Target::Classes(classes) = &set.target {
        let there: BTreeSet<u32> = set.labels.iter().map(|label| *label as u32).collect();
        if there.len() < 2 {
            return Err(Error::OneClass { name, class: classes.first().cloned().unwrap_or_default() });
        }
    }
    let units = if set.groups.is_empty() { rows / LEAST } else { set.groups.iter().collect::<BTreeSet<_>>().len() };
    if rows < 8 || units < 2 {
        return Err(Error::TooFew { name, rows });
    }
    Ok(folds.min(units))
}

fn candidate(problem: &Problem, proposal: &Proposal, figures: &Figures, limits: &Limits) -> Candidate {
    let chosen = limits.choose(figures);
    let least = figures.modes.iter().min_by_key(|mode| mode.budget.total);
    let mode = chosen.as_ref().ok().or(least).or(figures.modes.first()).copied();
    let mode = mode.expect("every network can be trained in some way");
    let millis =
        limits::boards(limits).into_iter().map(|board| (board.name.into(), limits::millis(&board, figures, &mode)));
    Candidate {
        name: proposal.name.clone(),
        about: proposal.about.clone(),
        of: proposal.of(mode.memory).into(),
        loss: problem.loss().into(),
        parameters: figures.parameters,
        memory: mode.memory,
        state: mode.state,
        bytes: mode.budget,
        ram: limits::ram(figures.inputs, &mode.budget),
        flash: limits::flash(figures.parameters),
        macs: figures.macs,
        train_macs: mode.train_macs,
        milliseconds: millis.collect::<BTreeMap<_, _>>(),
        fits: chosen.is_ok(),
        reason: chosen.err(),
        recipe: None,
        score: None,
        validation: None,
        front: false,
    }
}

fn types(Proposal { keep, variants, .. }: Proposal) -> (String, Vec<(String, String)>) {
    (keep, variants.into_iter().map(|(name, of)| (name.to_string(), of)).collect())
}

fn about(set: &Dataset, options: &Options, folds: usize) -> About {
    let (task, targets) = match &set.target {
        Target::Classes(classes) => ("classify", classes.clone()),
        Target::Values(values) => ("regress", values.iter().map(|value| value.name.clone()).collect()),
    };
    let counts = match &set.target {
        Target::Classes(classes) => (0..classes.len())
            .map(|class| set.labels.iter().filter(|label| **label as usize == class).count())
            .collect(),
        Target::Values(_) => Vec::new(),
    };
    About {
        name: set.name.clone(),
        options: options.data.arguments(),
        rows: set.len(),
        inputs: set.width,
        window: window(set),
        task: task.into(),
        targets,
        counts,
        groups: set.groups.iter().collect::<BTreeSet<_>>().len(),
        folds,
    }
}

/// Frames and channels of a sample that is a window.
fn window(set: &Dataset) -> Option<(usize, usize)> {
    (set.frames > 1).then(|| (set.frames, set.width / set.frames))
}
