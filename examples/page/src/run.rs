//! A training run, step by step, in the order of host-sim's `train`.

use serde::{Deserialize, Serialize};
use trainlet::core::checksum::crc32_with;
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;
use trainlet::nn::loss::{InvalidTarget, classes};
use trainlet::optim::Schedule;
use trainlet::train::train_step_with;

use crate::learner::AnyLearner;
use crate::samples::{Data, Table};
use crate::ways::{self, Way};
use crate::weights;

/// Part of all steps in which the learning rate rises.
const WARMUP: f32 = 0.05;

/// What the page says about a run. All other settings are those of `host-sim train` without options.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The network, by name.
    pub network: String,
    /// The way of training, by name.
    pub mode: String,
    /// Fixes every random number.
    pub seed: u64,
    /// Samples per step.
    pub batch: u32,
    /// Passes over the training data.
    pub epochs: u32,
    /// The full learning rate.
    pub rate: f32,
    /// The training data, if not the bundled recordings.
    pub table: Option<Table>,
}

/// How far a run is.
#[derive(Serialize)]
pub struct Progress {
    /// Steps so far.
    pub done: u32,
    /// Steps of the whole run.
    pub steps: u32,
    /// Samples that these calls have learnt from, since the run began.
    pub samples: u64,
    /// Given when an epoch is over.
    pub epoch: Option<Epoch>,
}

/// Results of an epoch.
#[derive(Serialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: u32,
    /// Mean loss in training.
    pub loss: f64,
    /// Mean loss in the test.
    pub test_loss: f64,
    /// Share of the test whose class was right.
    pub accuracy: f64,
    /// Samples of the test by `[truth][predicted]`; what is taken for a class that does not exist counts in no column.
    pub confusion: Vec<Vec<u32>>,
    /// CRC-32 of the weights, as host-sim prints it.
    pub crc32: String,
}

/// A run between two steps.
pub struct Run {
    learner: Box<AnyLearner>,
    network: &'static str,
    data: Data,
    order: Key,
    batch: u32,
    steps: u32,
    done: u32,
    samples: u64,
    /// Sum of the losses of the current epoch.
    losses: f64,
}

impl Run {
    /// Starts with weights that are drawn from the seed.
    ///
    /// # Errors
    /// A network or a mode that is not there, or a setting out of its range.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let Settings { network, mode, seed, batch, epochs, rate, table } = settings;
        let is_asked = |way: &Way| way.network == network && way.mode == mode;
        let way = ways::all().into_iter().find(is_asked).ok_or(format!("{network} has no way of training {mode}"))?;
        if (way.network == <ways::Table as trainlet::networks::Network>::NAME) != table.is_some() {
            return Err(format!("{network} is for other data"));
        }
        let data = table.map_or_else(|| Ok(Data::watch()), Data::table)?;
        if batch == 0 || epochs == 0 {
            return Err("batch and epochs must be at least 1".into());
        }
        let per_epoch = (data.train.len() as u32).div_ceil(batch);
        let steps = epochs.checked_mul(per_epoch).ok_or("these epochs have more steps than can be counted")?;
        let warmup = (WARMUP * steps as f32).round() as u32;
        let learner = (way.start)(seed, Schedule::cosine(rate, warmup, steps)).map_err(|error| error.to_string())?;
        let order = Key::new(seed, Purpose::Order);
        Ok(Self { learner, network: way.network, data, order, batch, steps, done: 0, samples: 0, losses: 0.0 })
    }

    /// Makes up to `limit` steps, but none beyond the end of an epoch, which is then tested.
    ///
    /// # Errors
    /// None that checked data can lead to.
    pub fn advance(&mut self, limit: u32) -> Result<Progress, InvalidTarget> {
        let mut epoch = None;
        for _ in 0..limit.min(self.steps - self.done) {
            self.step()?;
            if self.done.is_multiple_of(self.steps_per_epoch()) {
                epoch = Some(self.end_epoch()?);
                break;
            }
        }
        Ok(Progress { done: self.done, steps: self.steps, samples: self.samples, epoch })
    }

    /// CRC-32 of the weights, as host-sim prints it.
    ///
    /// # Errors
    /// None that a learner in memory can lead to.
    pub fn crc32(&mut self) -> Result<String, InvalidTarget> {
        let mut read = Ok(());
        let crc = crc32_with(|add| read = self.learner.weights(&mut |_, values| add(values)));
        read.map(|()| format!("{crc:08x}"))
    }

    /// The weights as a safetensors file.
    ///
    /// # Errors
    /// None that a tree of named arrays can lead to.
    pub fn file(&mut self) -> Result<Vec<u8>, String> {
        weights::file(&mut *self.learner, self.network, &self.data.preparation).map_err(|error| error.to_string())
    }

    fn steps_per_epoch(&self) -> u32 {
        (self.data.train.len() as u32).div_ceil(self.batch)
    }

    fn step(&mut self) -> Result<(), InvalidTarget> {
        let samples = self.data.train.len() as u32;
        let (epoch, step) = (self.done / self.steps_per_epoch(), self.done % self.steps_per_epoch());
        let shuffle = Shuffle::new(self.order.child(u64::from(epoch)), samples);
        let first = step * self.batch;
        let places = first..first.saturating_add(self.batch).min(samples);
        let (count, train) = (places.len() as u32, &self.data.train);
        let batch = places.map(|place| train.get(shuffle.index(place) as usize));
        let weight = 1.0 / count as f32;
        train_step_with(&mut *self.learner, batch, |_| weight, |loss| self.losses += f64::from(loss))?;
        self.done += 1;
        self.samples += u64::from(count);
        Ok(())
    }

    fn end_epoch(&mut self) -> Result<Epoch, InvalidTarget> {
        let Self { learner, data, .. } = self;
        let mut confusion = vec![vec![0; data.classes]; data.classes];
        let (mut right, mut losses) = (0_u32, 0.0);
        for (row, class) in data.test.iter() {
            let evaluation = learner.evaluate(row, &class)?;
            let predicted = classes::class(&evaluation.output);
            losses += f64::from(evaluation.loss);
            right += u32::from(predicted == class);
            if let Some(count) = confusion[class].get_mut(predicted) {
                *count += 1;
            }
        }
        let tested = data.test.len() as f64;
        Ok(Epoch {
            number: self.done / self.steps_per_epoch(),
            loss: std::mem::take(&mut self.losses) / self.data.train.len() as f64,
            test_loss: losses / tested,
            accuracy: f64::from(right) / tested,
            confusion,
            crc32: self.crc32()?,
        })
    }
}
