//! A training run, from options to files.

pub mod augment;
pub mod best;
pub mod checkpoint;
pub mod course;
pub mod delta;
pub mod epochs;
pub mod error;
pub mod folds;
pub mod identity;
pub mod metrics;
pub mod options;
pub mod output;
pub mod predict;
pub mod pretrain;
pub mod quiet;
pub mod record;
mod rollback;
pub mod settings;
pub mod shard;
pub mod shell;
pub mod tally;
pub mod twin;

pub use error::Error;

use crate::board::place::Connection;
use crate::board::remote::{Beginning, Remote};
use crate::data::preprocessing::{self, Prepared};
use crate::data::sampler::{self, Length, Plan};
use crate::data::{self, Dataset};
use crate::networks::learner::Desktop;
use crate::networks::stack;
use crate::networks::tree::Weights;
use crate::networks::{self, Network, weights};
use crate::run::augment::Augment;
use crate::run::checkpoint::{Fingerprint, Keeper, Keeping, Saved, Stage};
use crate::run::course::Course;
use crate::run::delta::Limit;
use crate::run::epochs::{Event, Finished, Training, Watcher};
use crate::run::identity::run_number;
use crate::run::options::{ClassWeight, Options, Part};
use crate::run::pretrain::Pretrained;
use crate::run::record::Record;

/// What computes.
pub enum Target {
    /// This computer.
    Desktop,
    /// A board.
    Board {
        /// The line to it.
        connection: Box<Connection>,
        /// Start a new run, whatever the board has learnt in another one.
        restart: bool,
    },
}

/// Trains as the options say, writes weights and record where they ask for them, and gives the record. The page of `report` is the
/// [caller's](crate::report::page::run).
///
/// # Errors
/// Anything wrong with options, data or files; found before the training wherever that is possible.
pub fn train(options: &Options) -> Result<Record, Error> {
    train_watched(options, Target::Desktop, &mut |_| ())
}

/// [`train`] on any target, reporting progress to `watcher`.
///
/// # Errors
/// As [`train`], and a board that does not answer as it should.
pub fn train_watched(options: &Options, target: Target, watcher: Watcher) -> Result<Record, Error> {
    train_kept(options, target, Keeping::default(), watcher)
}

/// [`train_watched`] with a file from which the run goes on if it is interrupted.
///
/// # Errors
/// As [`train_watched`], [`Error::Interrupted`], and a file that cannot be written or that is of another run.
pub fn train_kept(options: &Options, target: Target, keeping: Keeping, watcher: Watcher) -> Result<Record, Error> {
    let network = check(options)?;
    check_files(options, &keeping)?;
    // What a run began with is in its checkpoint.
    let init = options.init.as_ref().filter(|_| keeping.saved.is_none());
    let init = init.map(|path| weights::File::read(path)).transpose()?;
    let prepared = prepare(options, &target)?;
    network.check(&prepared.train)?;
    prepared.summary.iter().for_each(|summary| watcher(Event::Read(summary)));
    let keeper = Keeper::new(&keeping, options, &prepared)?;
    let start = start(options, init, &prepared, &keeper, keeping.saved, &mut *watcher)?;
    let finished = train_on(options, prepared, start, target, &keeper, watcher);
    if let (Some(path), Err(Error::Diverged { good: Some(good), .. })) = (&options.save, &finished) {
        output::write("--save", path, &good.file)?;
    }
    let Finished { record, weights } = finished?;
    if let (Some(path), Some(bytes)) = (&options.save, weights) {
        output::write("--save", path, &bytes)?;
    }
    if let Some(path) = &options.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&record)?)?;
    }
    Ok(record)
}

/// The data of a run, prepared as they demand, or as those were that the weights of `--init` have learnt from.
fn prepare(options: &Options, target: &Target) -> Result<Prepared, Error> {
    let Some(path) = options.init.as_ref().filter(|_| options.init_scaling) else {
        return Ok(match target {
            Target::Desktop => preprocessing::for_training(&options.data, options.seed)?,
            Target::Board { .. } => for_board(options)?,
        });
    };
    let Some(manifest) = weights::File::read(path)?.manifest else {
        return Err(Error::NoScaling { path: path.clone() });
    };
    let prepared = preprocessing::for_training_as(&options.data, &manifest.preparation)?;
    let is_changed = !options.regularisation.augment.is_empty();
    Ok(match target {
        Target::Board { .. } if !is_changed => preprocessing::left_to_a_board(prepared, &options.data)?,
        _ => prepared,
    })
}

/// The data of a run on a board. Samples that are to be changed are standardised here, since that comes first.
///
/// # Errors
/// Bad data.
pub fn for_board(options: &Options) -> Result<Prepared, data::Error> {
    let is_changed = !options.regularisation.augment.is_empty();
    let prepare = if is_changed { preprocessing::for_training } else { preprocessing::for_board };
    prepare(&options.data, options.seed)
}

/// What a training starts from, if not from the seed alone.
#[derive(Default)]
pub struct Start {
    /// A file of weights.
    pub init: Option<weights::File>,
    /// Stem and blocks that have learnt without labels.
    pub pretrained: Option<Pretrained>,
    /// The same training, stopped in its midst.
    pub saved: Option<Saved>,
}

/// What the training with labels starts from; a pre-training comes first where one is asked for.
fn start(
    options: &Options,
    init: Option<weights::File>,
    prepared: &Prepared,
    keeper: &Keeper,
    saved: Option<Saved>,
    watcher: Watcher,
) -> Result<Start, Error> {
    if let Some(saved) = &saved {
        saved.check_data(&Fingerprint::of(prepared))?;
    }
    if saved.as_ref().is_some_and(|saved| matches!(saved.stage(), Stage::Labelled(_))) {
        return Ok(Start { saved, ..Start::default() });
    }
    let pretrained = pretrain::run(options, &prepared.train, saved.as_ref(), keeper, watcher)?;
    Ok(Start { init, pretrained, saved: None })
}

/// The training with labels on data that are already read, by options that were [checked](check).
///
/// # Errors
/// Weights that do not fit or are no longer finite, and a board that does not answer as it should.
pub fn train_on(
    options: &Options,
    mut prepared: Prepared,
    start: Start,
    target: Target,
    keeper: &Keeper,
    watcher: Watcher,
) -> Result<Finished, Error> {
    if let Some(share) = options.pretraining.labels {
        prepared.train = preprocessing::labelled(&prepared.train, share, options.seed);
    }
    let plan = plan(options, &prepared)?;
    let network = networks::find(&options.network)?;
    let augment = Augment::of(&options.regularisation.augment, &prepared, options.seed)?;
    let class_weights = class_weights(options, &prepared.train)?;
    let limit = Limit::of(options, network)?;
    let training = Training { options, network, prepared, plan, class_weights, augment, limit, keeper, watcher };
    stack::large(move || match target {
        Target::Desktop => on_desktop(start, training),
        Target::Board { connection, restart } => on_board(*connection, restart, start.init, training),
    })
}

/// The weights that make all classes count alike, if the options ask for them.
fn class_weights(options: &Options, train: &Dataset) -> Result<Option<Vec<f32>>, settings::Error> {
    let Some(ClassWeight::Balanced) = options.regularisation.class_weight else { return Ok(None) };
    let data::Target::Classes(names) = &train.target else {
        return Err(settings::Error::Without { option: "--class-weight", owner: "the prediction of classes" });
    };
    let mut counts = vec![0_u32; names.len()];
    train.labels.iter().for_each(|label| counts[*label as usize] += 1);
    let there = counts.iter().filter(|count| **count > 0).count() as f64;
    let weight = |count: u32| if count > 0 { train.len() as f64 / (there * f64::from(count)) } else { 0.0 };
    Ok(Some(counts.into_iter().map(|count| weight(count) as f32).collect()))
}

/// Checks all that can be checked before data are read and a board is reached.
///
/// # Errors
/// Options that make no sense, no such network, files that cannot be written.
pub fn check(options: &Options) -> Result<&'static Network, Error> {
    settings::check(options)?;
    let network = networks::find(&options.network)?;
    settings::check_network(options, network)?;
    let writes = results(options);
    output::check_all(&options.data.files(), &writes)?;
    // Going on from a file and writing the weights to it is a way to work.
    output::check_all(&[("--init", options.init.as_deref())], &writes[1..])?;
    Ok(network)
}

/// Makes sure that a checkpoint can be written, and takes the place of nothing else.
fn check_files(options: &Options, keeping: &Keeping) -> Result<(), Error> {
    keeping.check()?;
    let path = [("--checkpoint", keeping.path.as_deref())];
    let others = [&options.data.files()[..], &[("--init", options.init.as_deref())], &results(options)].concat();
    Ok(output::check_all(&others, &path)?)
}

/// The files that a run ends in: its weights first.
fn results(options: &Options) -> [(&'static str, Option<&str>); 3] {
    let Options { save, json, report, .. } = options;
    [("--save", save.as_deref()), ("--json", json.as_deref()), ("--report", report.as_deref())]
}

/// The steps of a run.
///
/// # Errors
/// An order or a length that is impossible.
pub fn plan(options: &Options, prepared: &Prepared) -> Result<Plan, sampler::Error> {
    let length = options.steps.map_or(Length::Epochs(options.epochs), Length::Steps);
    Plan::new(options.order, prepared.train.len() as u32, options.batch, length, options.seed)
}

fn on_desktop(start: Start, training: Training) -> Result<Finished, Error> {
    let Training { options, network, plan, .. } = &training;
    if !network.has_parts && options.update.trained != Part::All {
        return Err(networks::Error::Whole { network: network.name }.into());
    }
    let settings = settings::learner(options, plan)?;
    let mut learner = network.learner(&settings).map_err(settings::refused)?;
    let budget = network.budget_of(&settings);
    let Start { init, pretrained, saved } = start;
    if let Some(saved) = saved {
        let course = resume(&saved, &mut *learner, &training)?;
        return training.run(&mut *learner, course, budget);
    }
    let (shared, pretraining) = pretrained.map(|Pretrained { shared, record }| (shared, record)).unzip();
    if let Some(shared) = shared {
        learner.load(&shared);
    }
    if let Some(file) = init {
        learner.load(&read(&file, network)?.values);
    }
    training.run(&mut *learner, Course { pretraining, ..Course::default() }, budget)
}

/// Puts a learner back as it was, and gives what its run has gathered.
fn resume(saved: &Saved, learner: &mut dyn Desktop, training: &Training) -> Result<Course, Error> {
    let Stage::Labelled(course) = saved.stage() else { return Err(saved.inconsistent().into()) };
    saved.restore(learner)?;
    saved.check_steps(learner.progress()?, course.next())?;
    let goods = course.good.iter().chain(&course.proven).map(|good| &good.weights);
    let weights = course.best.iter().map(|best| &best.weights).chain(goods);
    let fits = course.next() <= training.plan.steps()
        && weights.into_iter().all(|weights| weights.len() == training.network.parameters);
    if fits { Ok(course.clone().into_owned()) } else { Err(saved.inconsistent().into()) }
}

fn on_board(
    connection: Connection,
    restart: bool,
    init: Option<weights::File>,
    training: Training,
) -> Result<Finished, Error> {
    let Training { options, network, prepared, plan, .. } = &training;
    let settings = settings::settings(options, network, plan)?;
    let weights = init.map(|file| read(&file, network)).transpose()?;
    let standardisation = prepared.left_to_do.as_ref();
    let beginning = Beginning { settings, standardisation, weights: weights.as_ref() };
    let mut board = Remote::greet(connection, network)?.with_state(options.update.state.unwrap_or_default())?;
    board.begin(run_number(options, prepared)?, restart, &beginning)?;
    let budget = board.budget();
    training.run(&mut board, Course::default(), budget).map_err(|error| match error {
        Error::Interrupted { done, steps, .. } => Error::LeftToBoard { done, steps },
        error => error,
    })
}

/// The weights in a file, which must be those of this network.
///
/// # Errors
/// Those of [`weights::File::load`].
pub fn read(file: &weights::File, network: &Network) -> Result<Weights, weights::Error> {
    let mut weights = Weights::zero(network.leaves().clone());
    file.load(network.name, &mut weights)?;
    Ok(weights)
}
