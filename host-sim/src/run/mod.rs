//! A training run, from options to files.

pub mod epochs;
pub mod learner;
pub mod metrics;
pub mod options;
pub mod output;
pub mod perturbed;
pub mod predict;
pub mod pretrain;
pub mod record;
pub mod settings;
pub(crate) mod stack;
pub mod weights;

use safetensors::SafeTensorError;
use trainlet::extra::masked::write_shared;
use trainlet::networks::{Family, Network, VisitFamily, visit_family};
use trainlet::nn::loss::InvalidTarget;
use trainlet::optim::{self, Optimizer};
use trainlet::train::{NoClip, SamError};

use crate::board::place::Connection;
use crate::board::remote::{Beginning, Remote};
use crate::board::{self, run_number};
use crate::data;
use crate::data::preprocessing::{self, Prepared};
use crate::data::sampler::{self, Length, Plan};
use crate::networks;
use crate::run::epochs::{Finished, Training, Watcher};
use crate::run::learner::{Desktop, OnlineDesktop};
use crate::run::options::OptimizerName::{Adam, Adamw, Momentum, Nesterov, Sgd};
use crate::run::options::ideas::Flexible;
use crate::run::options::{Options, Part, StateName};
use crate::run::perturbed::Perturbed;
use crate::run::pretrain::Pretrained;
use crate::run::record::Record;

/// A run that cannot be, or came to a bad end.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Options(#[from] settings::Error),
    #[error(transparent)]
    Config(#[from] networks::Error),
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    Order(#[from] sampler::Error),
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Output(#[from] output::Error),
    #[error(transparent)]
    Board(#[from] board::Error),
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    #[error(transparent)]
    SamError(#[from] SamError),
    #[error(
        "the weights grew beyond all numbers in epoch {epoch}: take a lower {rate}, or a --clip; nothing was written"
    )]
    Diverged { epoch: u32, rate: &'static str },
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
    #[error("the record cannot be written as JSON ({0})")]
    Json(#[from] serde_json::Error),
}

/// Who does the computing.
pub enum Where {
    /// This computer.
    Here,
    /// A board; `restart` gives up what it has learnt in another run.
    There {
        /// The line to it.
        connection: Box<Connection>,
        /// Begin anew, whatever the board has learnt.
        restart: bool,
    },
}

/// Trains as the options say, writes what they ask for, and gives the record.
///
/// # Errors
/// Anything wrong with options, data or files; found before the training wherever that is possible.
pub fn train(options: &Options) -> Result<Record, Error> {
    train_watched(options, Where::Here, &mut |_| ())
}

/// [`train`] anywhere, telling `watcher` how it goes.
///
/// # Errors
/// As [`train`], and a board that does not do its part.
pub fn train_watched(options: &Options, place: Where, watcher: Watcher) -> Result<Record, Error> {
    let config = check(options)?;
    let init = options.init.as_ref().map(|path| weights::File::read(path)).transpose()?;
    let prepared = match place {
        Where::Here => preprocessing::for_training(&options.data)?,
        Where::There { .. } => preprocessing::for_board(&options.data)?,
    };
    config.check(&prepared.train)?;
    let pretrained = pretrain::run(options, &prepared.train, &mut *watcher)?;
    let Finished { record, weights } = train_on(options, prepared, Start { init, pretrained }, place, watcher)?;
    if let (Some(path), Some(bytes)) = (&options.save, weights) {
        output::write("--save", path, &bytes)?;
    }
    if let Some(path) = &options.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&record)?)?;
    }
    Ok(record)
}

/// Where a training starts from, if not from the seed alone.
#[derive(Default)]
pub struct Start {
    /// A file of weights.
    pub init: Option<weights::File>,
    /// Stem and blocks that have learnt without labels.
    pub pretrained: Option<Pretrained>,
}

/// The training with labels on data that are there, by options that were [checked](check).
///
/// # Errors
/// Weights that do not fit or grow beyond all numbers, and a board that does not do its part.
pub fn train_on(
    options: &Options,
    mut prepared: Prepared,
    Start { init, pretrained }: Start,
    place: Where,
    watcher: Watcher,
) -> Result<Finished, Error> {
    let (shared, pretraining) = pretrained.map(|Pretrained { shared, record }| (shared, record)).unzip();
    if let Some(share) = options.pretraining.labels {
        prepared.train = preprocessing::labelled(&prepared.train, share, options.seed);
    }
    let plan = plan(options, &prepared)?;
    let training = Training { options, prepared, pretraining, plan, watcher };
    let job = Job { init, shared, place, training };
    let name = networks::find(&options.config)?.name;
    stack::large(move || visit_family(name, job)).expect("the list has just given this name")
}

/// Looks at all that can be judged before the data are read and a board is reached.
///
/// # Errors
/// Options that make no sense, no such network, files that cannot be written.
pub fn check(options: &Options) -> Result<networks::Config, Error> {
    settings::check(options)?;
    let config = networks::find(&options.config)?;
    for (option, path) in [("--save", &options.save), ("--json", &options.json)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    Ok(config)
}

/// The steps of a run.
///
/// # Errors
/// An order or a length that cannot be.
pub fn plan(options: &Options, prepared: &Prepared) -> Result<Plan, sampler::Error> {
    let length = options.steps.map_or(Length::Epochs(options.epochs), Length::Steps);
    Plan::new(options.order, prepared.train.len() as u32, options.batch, length, options.seed)
}

/// A run, whatever the network.
struct Job<'a> {
    init: Option<weights::File>,
    /// Stem and blocks, if they have learnt without labels.
    shared: Option<Vec<f32>>,
    place: Where,
    training: Training<'a>,
}

impl VisitFamily for Job<'_> {
    type Result = Result<Finished, Error>;

    fn visit<F: Family>(self) -> Self::Result {
        if let Where::There { connection, restart } = self.place {
            return on_board::<F>(*connection, restart, self.init, self.training);
        }
        if !F::HAS_PARTS && self.training.options.update.trained != Part::All {
            return Err(networks::Error::Whole { config: F::NAME }.into());
        }
        if self.training.options.ideas.any() {
            return self.beyond::<F>();
        }
        match self.training.options.update.trained {
            Part::All => self.here::<F>(),
            Part::LastBlock => self.here::<F::LastBlock>(),
            Part::Biases => self.here::<F::Biases>(),
            Part::Head => self.here::<F::Head>(),
        }
    }
}

impl Job<'_> {
    fn here<M: Network>(self) -> Result<Finished, Error> {
        let options = self.training.options;
        let (adam, sgd, momentum) = (settings::adam(options), settings::sgd(options), settings::momentum(options));
        match (options.update.optimizer, options.update.state.unwrap_or(StateName::F32)) {
            (Adam | Adamw, StateName::F32) => self.with::<M, optim::Adam<M::F32>>(adam),
            (Adam | Adamw, StateName::Bf16) => self.with::<M, optim::Adam<M::Bf16>>(adam),
            (Adam | Adamw, StateName::Block8) => self.with::<M, optim::Adam<M::Block8>>(adam),
            (Sgd, _) => self.with::<M, optim::Sgd>(sgd),
            (Momentum | Nesterov, StateName::F32) => self.with::<M, optim::Momentum<M::F32>>(momentum),
            (Momentum | Nesterov, StateName::Bf16) => self.with::<M, optim::Momentum<M::Bf16>>(momentum),
            (Momentum | Nesterov, StateName::Block8) => self.with::<M, optim::Momentum<M::Block8>>(momentum),
        }
    }

    /// With what goes beyond the plain step.
    fn beyond<M: Network>(self) -> Result<Finished, Error> {
        let Self { init, shared, training, .. } = self;
        let (options, plan, ideas) = (training.options, &training.plan, &training.options.ideas);
        let (warmup, steps) = (settings::schedule(options, plan).warmup, plan.steps());
        let epoch = plan.steps_of(1).unwrap_or(u32::MAX);
        let adam = Flexible::<M>::config(ideas, settings::adam(options), warmup, steps);
        let config = settings::config::<M, _>(options, plan, adam)?;
        let mut desktop = Perturbed::<M>::new(ideas, config, epoch, steps);
        shared.iter().for_each(|shared| write_shared(desktop.weights_mut(), shared));
        init.map_or(Ok(()), |file| file.load(M::NAME, desktop.weights_mut()))?;
        training.run(&mut desktop)
    }

    fn with<M: Network, O: Optimizer>(self, optimizer: O::Config) -> Result<Finished, Error> {
        let Self { init, shared, training, .. } = self;
        let config = settings::config::<M, _>(training.options, &training.plan, optimizer)?;
        let load = |weights: &mut M| {
            shared.iter().for_each(|shared| write_shared(weights, shared));
            init.map_or(Ok(()), |file| file.load(M::NAME, weights))
        };
        if training.options.update.online {
            let mut desktop = OnlineDesktop::<M, O>::start(config.clipped(NoClip));
            load(desktop.weights_mut())?;
            training.run(&mut desktop)
        } else {
            let mut desktop = Desktop::<M, O>::start(config, settings::thresholds(training.options));
            if training.options.regularisation.noisy_tests {
                desktop.make_tests_noisy(&config);
            }
            load(desktop.weights_mut())?;
            training.run(&mut desktop)
        }
    }
}

fn on_board<M: Network>(
    connection: Connection,
    restart: bool,
    init: Option<weights::File>,
    training: Training,
) -> Result<Finished, Error> {
    let Training { options, prepared, plan, .. } = &training;
    let settings = settings::settings::<M>(options, plan)?;
    let mut weights = init.is_some().then(|| Box::new(M::ZERO));
    if let (Some(file), Some(weights)) = (init, &mut weights) {
        file.load(M::NAME, &mut **weights)?;
    }
    let standardisation = prepared.left_to_do.as_ref();
    let beginning = Beginning { settings, standardisation, weights: weights.as_deref() };
    let mut board = Remote::<M>::greet(connection)?;
    board.begin(run_number(options, prepared)?, restart, &beginning)?;
    training.run(&mut board)
}
