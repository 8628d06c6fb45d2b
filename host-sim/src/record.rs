//! What is kept of a run.

use serde::Serialize;
use trainlet::budget::Budget;

use crate::options::Options;
use crate::pretraining::PretrainRecord;
use crate::scores::Scores;

/// A training run from options to results, as `--json` writes it. A number that is not finite becomes `null` there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Name of the network.
    pub config: String,
    /// How many numbers it learned.
    pub parameters: usize,
    /// What fixed the random numbers.
    pub seed: u64,
    /// Number of training samples.
    pub training_samples: usize,
    /// What came before, without labels.
    pub pretraining: Option<PretrainRecord>,
    /// Number of the first step that this record has: above 0 if a board was found in the midst of this run.
    pub first_step: u32,
    /// One per update of the weights.
    pub steps: Vec<StepRecord>,
    /// Updates left out because their gradient was not finite.
    pub skipped: u32,
    /// One per epoch, the last of which may be cut short.
    pub epochs: Vec<EpochRecord>,
    /// Of the trained network, if there were test data.
    pub test: Option<Scores>,
    /// CRC-32 of all weights, little-endian, in the order of the walk.
    pub weights_crc32: u32,
    /// In training, tests not counted.
    pub samples_per_second: f64,
    /// What did the computing.
    pub device: String,
    /// Microseconds that a board has spent on requests since the start of the run, by its own clock.
    pub device_micros: Option<u64>,
    /// RAM of the trainer in bytes.
    pub budget: Budget,
    /// What the user said.
    pub options: Options,
}

/// One update of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StepRecord {
    /// From 0.
    pub step: u32,
    /// Mean over the batch, before the update.
    pub loss: f32,
    /// Learning rate.
    pub lr: f32,
}

/// One pass over the training data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Mean over the samples, each as it was when its turn came.
    pub train_loss: f64,
    /// At the end of the epoch.
    pub test_loss: Option<f32>,
    /// At the end of the epoch.
    pub test_accuracy: Option<f32>,
}
