//! What is summed up over the steps of a run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Counts training time alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Clock {
    busy: Duration,
    samples: u64,
}

impl Clock {
    /// Adds a step.
    pub fn add(&mut self, time: Duration, samples: u64) {
        // What a file says of earlier steps may be any number.
        self.busy = self.busy.saturating_add(time);
        self.samples = self.samples.saturating_add(samples);
    }

    /// The rate over all steps.
    pub fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.busy.as_secs_f64().max(1e-9)
    }
}

/// The mean of losses, for reports.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Mean {
    sum: f64,
    /// Number of losses.
    pub count: u64,
}

impl Mean {
    /// Adds a loss.
    pub fn add(&mut self, loss: f32) {
        self.sum += f64::from(loss);
        self.count = self.count.saturating_add(1);
    }

    /// Adds the losses of another mean.
    pub fn join(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count = self.count.saturating_add(other.count);
    }

    /// The mean, NaN of nothing.
    pub fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}
