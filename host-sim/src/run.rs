//! A training run.

use std::time::{Duration, Instant};

use safetensors::SafeTensorError;
use trainlet::checksum::crc32;
use trainlet::layer::{Dropout, StochasticDepth};
use trainlet::loss::{Classify, InvalidTarget};
use trainlet::networks::{Network, Visit, visit};
use trainlet::optim::{Adam, Momentum, Optimizer, Sgd};
use trainlet::params::Params;
use trainlet::tensor::Tensor;
use trainlet::train::{Config, Trainer};

use crate::options::{OptimizerName, Options};
use crate::order::{self, Length, Plan};
use crate::preparation::{self, Prepared};
use crate::record::{EpochRecord, Record, StepRecord};
use crate::scores::score;
use crate::weights::{self, FORMAT, Manifest};
use crate::{configs, data, output, recipe, stack};

/// A run that cannot be, or came to a bad end.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Options(#[from] recipe::Error),
    #[error(transparent)]
    Config(#[from] configs::Error),
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    Order(#[from] order::Error),
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Output(#[from] output::Error),
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    #[error(
        "the weights grew beyond all numbers in epoch {epoch}: take a lower --lr, or a --clip; nothing was written"
    )]
    Diverged { epoch: u32 },
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
    #[error("the record cannot be written as JSON ({0})")]
    Json(#[from] serde_json::Error),
}

/// What happens during a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The weights were changed.
    Step(Moment),
    /// An epoch is over, tested.
    Epoch(&'a EpochRecord, Moment),
}

/// Where a run stands.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Steps so far.
    pub done: u32,
    /// Steps of the whole run.
    pub steps: u32,
    /// The current epoch, from 1.
    pub epoch: u32,
    /// Mean over the last batch.
    pub loss: f32,
    /// Learning rate of the last step.
    pub lr: f32,
    /// In training so far, tests not counted.
    pub samples_per_second: f64,
}

/// Who is told about a run while it goes on.
pub type Watcher<'a> = &'a mut (dyn FnMut(Event) + Send);

/// Trains as the options say, writes what they ask for, and gives the record.
///
/// # Errors
/// Anything wrong with options, data or files; found before the training wherever that is possible.
pub fn train(options: &Options) -> Result<Record, Error> {
    train_watched(options, &mut |_| ())
}

/// [`train`], telling `watcher` how it goes.
///
/// # Errors
/// As [`train`].
pub fn train_watched(options: &Options, watcher: Watcher) -> Result<Record, Error> {
    recipe::check(options)?;
    let config = configs::find(&options.config)?;
    for (option, path) in [("--save", &options.save), ("--json", &options.json)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let init = options.init.as_ref().map(|path| weights::File::read(path)).transpose()?;
    let prepared = preparation::for_training(&options.data)?;
    config.check(&prepared.train)?;
    let length = options.steps.map_or(Length::Epochs(options.epochs), Length::Steps);
    let plan = Plan::new(options.order, prepared.train.len() as u32, options.batch, length, options.seed)?;
    let job = Job { options, init, prepared, plan, watcher };
    let finished = stack::large(move || visit(config.name, job));
    let Finished { record, weights } = finished.expect("the list has just given this name")?;
    if let (Some(path), Some(bytes)) = (&options.save, weights) {
        output::write("--save", path, &bytes)?;
    }
    if let Some(path) = &options.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&record)?)?;
    }
    Ok(record)
}

/// All that a run needs, whatever the network.
struct Job<'a> {
    options: &'a Options,
    init: Option<weights::File>,
    prepared: Prepared,
    plan: Plan,
    watcher: Watcher<'a>,
}

struct Finished {
    record: Record,
    /// A safetensors file, if it was asked for.
    weights: Option<Vec<u8>>,
}

impl Visit for Job<'_> {
    type Result = Result<Finished, Error>;

    fn visit<M: Network, const ARENA: usize, const INFER: usize>(self) -> Self::Result {
        let options = self.options;
        match options.update.optimizer {
            OptimizerName::Adam | OptimizerName::Adamw => run::<M, Adam<M>, ARENA, INFER>(self, recipe::adam(options)),
            OptimizerName::Sgd => run::<M, Sgd, ARENA, INFER>(self, recipe::sgd(options)),
            OptimizerName::Momentum | OptimizerName::Nesterov => {
                run::<M, Momentum<M>, ARENA, INFER>(self, recipe::momentum(options))
            }
        }
    }
}

/// The run itself: the trainer of the boards, with all of its memory in one value.
fn run<M: Network, O: Optimizer<M>, const ARENA: usize, const INFER: usize>(
    job: Job,
    optimizer: O::Config,
) -> Result<Finished, Error> {
    let Job { options, init, prepared: Prepared { train, test, preparation }, plan, watcher } = job;
    let mut trainer = Box::new(Trainer::<M, M::Loss, O, ARENA>::ZERO);
    trainer.init(Config {
        seed: options.seed,
        loss: recipe::loss::<M>(options)?,
        optimizer,
        schedule: recipe::schedule(options, &plan),
        clip: recipe::clip(options),
        dropout: Dropout { p: options.regularisation.dropout },
        stochastic_depth: StochasticDepth { p: options.regularisation.drop_path },
    });
    if let Some(file) = init {
        file.load(M::NAME, &mut trainer.weights)?;
    }
    let mut steps = Vec::new();
    let mut epochs: Vec<EpochRecord> = Vec::new();
    let mut scores = None;
    let mut input = M::Input::ZERO;
    let (mut clock, mut epoch_loss) = (Clock::default(), Mean::default());
    for step in 0..plan.steps() {
        let batch = plan.batch(step);
        let started = Instant::now();
        let samples = plan.samples(&batch);
        let share = 1.0 / samples.len() as f32;
        let mut batch_loss = Mean::default();
        for sample in samples {
            input.flat_mut().copy_from_slice(train.row(sample));
            let target = M::Loss::target(train.labels[sample]);
            batch_loss.add(trainer.accumulate(&input, &target, share)?);
        }
        let lr = trainer.step().lr;
        clock.add(started.elapsed(), batch_loss.count);
        epoch_loss.join(&batch_loss);
        let (epoch, loss, done) = (batch.epoch + 1, batch_loss.value() as f32, step + 1);
        steps.push(StepRecord { step, loss, lr });
        let moment =
            Moment { done, steps: plan.steps(), epoch, loss, lr, samples_per_second: clock.samples_per_second() };
        watcher(Event::Step(moment));
        if batch.ends_epoch || done == plan.steps() {
            if !(loss.is_finite() && weights::are_finite(&trainer.weights)) {
                return Err(Error::Diverged { epoch });
            }
            scores = test.as_ref().map(|test| score::<M, INFER>(&trainer.weights, test)).transpose()?;
            let (test_loss, test_accuracy) = scores.as_ref().map(|scores| (scores.loss, scores.accuracy)).unzip();
            let train_loss = std::mem::take(&mut epoch_loss).value();
            let record = EpochRecord { epoch, train_loss, test_loss, test_accuracy };
            watcher(Event::Epoch(&record, moment));
            epochs.push(record);
        }
    }
    let manifest = Manifest { format: FORMAT, config: M::NAME.into(), preparation };
    let saved = options.save.is_some().then(|| weights::to_bytes(&trainer.weights, &manifest)).transpose()?;
    let record = Record {
        config: M::NAME.into(),
        parameters: <M as Params>::COUNT,
        seed: options.seed,
        training_samples: train.len(),
        steps,
        skipped: trainer.skipped(),
        epochs,
        test: scores,
        weights_crc32: crc32(&trainer.weights),
        samples_per_second: clock.samples_per_second(),
        budget: Trainer::<M, M::Loss, O, ARENA>::BUDGET,
        options: options.clone(),
    };
    Ok(Finished { record, weights: saved })
}

/// Counts training time alone.
#[derive(Default)]
struct Clock {
    busy: Duration,
    samples: u64,
}

impl Clock {
    fn add(&mut self, time: Duration, samples: u64) {
        self.busy += time;
        self.samples += samples;
    }

    fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.busy.as_secs_f64().max(1e-9)
    }
}

/// The mean of losses, for reports.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, loss: f32) {
        self.sum += f64::from(loss);
        self.count += 1;
    }

    fn join(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}
