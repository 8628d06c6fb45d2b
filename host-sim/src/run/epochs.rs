//! The steps of a training run, on whatever device.

use std::time::{Duration, Instant};

use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::networks::Network;

use crate::data::Dataset;
use crate::data::preprocessing::Prepared;
use crate::data::sampler::Plan;
use crate::run::Error;
use crate::run::learner::Device;
use crate::run::metrics::{Scores, score};
use crate::run::options::Options;
use crate::run::pretrain::PretrainRecord;
use crate::run::record::{EpochRecord, HealthRecord, Record, StepRecord};
use crate::run::weights::{self, FORMAT, Manifest};

/// Epochs after which a watched run is judged; later the loss may stay, there may be nothing left to learn.
const WATCHED_EPOCHS: u32 = 3;

/// What happens during a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The weights were changed.
    Step(Moment),
    /// An epoch is over, tested.
    Epoch(&'a EpochRecord, Moment),
    /// The weights were changed without labels.
    Unlabelled(Moment),
    /// An epoch without labels is over, with this mean loss.
    UnlabelledEpoch(f64, Moment),
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

/// A run that is ready to go.
pub struct Training<'a> {
    /// What the user said.
    pub options: &'a Options,
    /// What is learnt from.
    pub prepared: Prepared,
    /// What came before.
    pub pretraining: Option<PretrainRecord>,
    /// In which steps.
    pub plan: Plan,
    /// Who is told.
    pub watcher: Watcher<'a>,
}

/// What a run leaves.
pub struct Finished {
    /// How it went.
    pub record: Record,
    /// A safetensors file, if it was asked for.
    pub weights: Option<Vec<u8>>,
}

impl Training<'_> {
    /// Goes on from where the device is to the end.
    ///
    /// # Errors
    /// Weights that are no longer finite, and a device that fails.
    pub fn run<M: Network>(self, device: &mut dyn Device<M>) -> Result<Finished, Error> {
        let Self { options, prepared: Prepared { train, test, preparation, .. }, pretraining, plan, watcher } = self;
        let (first, mut taken) = device.position()?;
        let (mut steps, mut epochs, mut scores) = (Vec::new(), Vec::<EpochRecord>::new(), None);
        let (mut clock, mut epoch_loss) = (Clock::default(), Mean::default());
        for step in first..plan.steps() {
            let batch = plan.batch(step);
            let started = Instant::now();
            let samples = plan.samples(&batch);
            let share = 1.0 / samples.len() as f32;
            let mut batch_loss = Mean::default();
            for sample in samples.skip(std::mem::take(&mut taken) as usize) {
                batch_loss.add(device.accumulate(train.row(sample), train.labels[sample], share)?);
            }
            let lr = device.step()?.lr;
            clock.add(started.elapsed(), batch_loss.count);
            epoch_loss.join(&batch_loss);
            let (epoch, loss, done) = (batch.epoch + 1, batch_loss.value() as f32, step + 1);
            steps.push(StepRecord { step, loss, lr });
            let samples_per_second = clock.samples_per_second();
            let moment = Moment { done, steps: plan.steps(), epoch, loss, lr, samples_per_second };
            watcher(Event::Step(moment));
            if batch.ends_epoch || done == plan.steps() {
                let train_loss = std::mem::take(&mut epoch_loss).value();
                let health = device.end_epoch(train_loss as f32).filter(|health| health.epoch <= WATCHED_EPOCHS);
                let health = health.map(|health| device.weights().map(|weights| HealthRecord::of(weights, &health)));
                let health = health.transpose()?;
                if !(loss.is_finite() && weights::are_finite(device.weights()?)) {
                    let record = EpochRecord { epoch, train_loss, test_loss: None, test_accuracy: None, health };
                    watcher(Event::Epoch(&record, moment));
                    return Err(Error::Diverged { epoch, rate: "--lr" });
                }
                scores = tested(device, test.as_ref())?;
                let (test_loss, test_accuracy) = scores.as_ref().map(|scores| (scores.loss, scores.accuracy)).unzip();
                let record = EpochRecord { epoch, train_loss, test_loss, test_accuracy, health };
                watcher(Event::Epoch(&record, moment));
                epochs.push(record);
            }
        }
        if steps.is_empty() {
            // The device had been through before.
            scores = tested(device, test.as_ref())?;
        }
        let manifest = Manifest { format: FORMAT, config: M::NAME.into(), preparation };
        let weights = device.weights()?;
        let saved = options.save.is_some().then(|| weights::to_bytes(weights, Some(&manifest))).transpose()?;
        let record = Record {
            config: M::NAME.into(),
            parameters: <M as Params>::COUNT,
            seed: options.seed,
            training_samples: train.len(),
            pretraining,
            first_step: first,
            steps,
            skipped: device.skipped()?,
            epochs,
            test: scores,
            weights_crc32: crc32(device.weights()?),
            samples_per_second: clock.samples_per_second(),
            device: device.name().into(),
            device_micros: device.busy_micros()?,
            budget: device.budget(),
            options: options.clone(),
        };
        Ok(Finished { record, weights: saved })
    }
}

fn tested<M: Network>(device: &mut dyn Device<M>, test: Option<&Dataset>) -> Result<Option<Scores>, Error> {
    test.map(|test| score::<M, _>(test, |row| device.predict(row))).transpose()
}

/// Counts training time alone.
#[derive(Default)]
pub(crate) struct Clock {
    busy: Duration,
    samples: u64,
}

impl Clock {
    pub(crate) fn add(&mut self, time: Duration, samples: u64) {
        self.busy += time;
        self.samples += samples;
    }

    pub(crate) fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.busy.as_secs_f64().max(1e-9)
    }
}

/// The mean of losses, for reports.
#[derive(Default)]
pub(crate) struct Mean {
    sum: f64,
    pub(crate) count: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, loss: f32) {
        self.sum += f64::from(loss);
        self.count += 1;
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    pub(crate) fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}
