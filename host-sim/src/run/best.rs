//! The best weights of a run, by samples that are kept aside.

use serde::{Deserialize, Serialize};

use crate::run::metrics::Scores;

/// What a network was after its best epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: u32,
    /// On the samples that are kept aside.
    pub validation: Scores,
    /// On the test samples, which have no part in the choice.
    pub test: Option<Scores>,
    /// All weights in the order of the walk.
    pub weights: Vec<f32>,
}

impl Best {
    /// Whether an epoch with such results is better: by accuracy or R², of equals by the loss.
    pub fn is_worse_than(&self, validation: &Scores) -> bool {
        let [found, best] = [validation, &self.validation].map(|scores| (scores.score(), -scores.loss));
        found > best
    }
}
