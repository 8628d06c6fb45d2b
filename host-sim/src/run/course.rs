//! How far a run is, and what it has gathered on the way to its record: what a checkpoint keeps beside the learner.

use serde::{Deserialize, Serialize};

use crate::run::best::Best;
use crate::run::metrics::Scores;
use crate::run::record::{EpochRecord, PretrainRecord, RollbackRecord, StepRecord};
use crate::run::tally::{Clock, Mean};

/// A training with labels so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Course {
    /// The pre-training before it.
    pub pretraining: Option<PretrainRecord>,
    /// Number of the first step: above 0 if a board was found in the midst of the run.
    pub first: u32,
    /// All steps from there on.
    pub steps: Vec<StepRecord>,
    /// All epochs that are over.
    pub epochs: Vec<EpochRecord>,
    /// Of the current epoch.
    pub epoch_loss: Mean,
    /// The last test.
    pub scores: Option<Scores>,
    /// The best epoch by the samples for validation.
    pub best: Option<Best>,
    /// The last epoch whose loss was as it should be.
    pub good: Option<Good>,
    /// The one before it: since another good epoch came after, its last step has done no harm.
    pub proven: Option<Good>,
    /// How often the loss exploded.
    pub rollbacks: Vec<RollbackRecord>,
    /// Time and samples.
    pub clock: Clock,
}

/// What a network was after an epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Good {
    /// The epoch, from 1; 0 at the beginning of the run.
    pub epoch: u32,
    /// All weights in the order of the walk.
    pub weights: Vec<f32>,
    /// The learner, in the format of the library, if the run may go back to here.
    pub learner: Option<Vec<u8>>,
    /// Number of steps until then.
    pub steps: usize,
}

/// How many times the mean loss of the last epoch is far above it.
const FAR_ABOVE: f64 = 10.0;

impl Course {
    /// Whether a mean loss is far above that of the last epoch, and that of the first as well: a network that knows almost everything
    /// may have an epoch that is ten times as bad.
    pub fn explodes(&self, loss: f64) -> bool {
        let bounds = self.epochs.first().zip(self.epochs.last());
        bounds.is_some_and(|(first, last)| loss > FAR_ABOVE * last.train_loss && loss > first.train_loss)
    }

    /// Forgets all that came after this epoch, which ended after `steps` steps.
    pub fn go_back_to(&mut self, epoch: u32, steps: usize) {
        self.steps.truncate(steps);
        self.epochs.retain(|record| record.epoch <= epoch);
        self.epoch_loss = Mean::default();
    }

    /// Number of the next step.
    pub fn next(&self) -> u32 {
        self.first.saturating_add(self.steps.len() as u32)
    }

    /// Whether there has been no better epoch for as long as `patience` says. The best one may be ahead of a run that went back.
    pub fn has_waited(&self, patience: Option<u32>) -> bool {
        let waited =
            self.epochs.last().zip(self.best.as_ref()).map(|(last, best)| last.epoch.saturating_sub(best.epoch));
        waited.zip(patience).is_some_and(|(waited, patience)| waited >= patience)
    }
}

/// A training without labels so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Unlabelled {
    /// All steps.
    pub steps: Vec<StepRecord>,
    /// Mean loss of each epoch that is over.
    pub epochs: Vec<f64>,
    /// Of the current epoch.
    pub epoch_loss: Mean,
    /// Time and samples.
    pub clock: Clock,
}
