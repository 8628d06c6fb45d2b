//! What a learner reports: of a step, of an evaluation, of the run so far.

use crate::core::archive::Archive;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};

/// Result of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StepReport {
    /// The learning rate.
    pub lr: f32,
    /// L2 norm of the gradient before clipping; NaN where it is never known, as in [`Online`](super::Online).
    pub grad_norm: f32,
    /// Whether all weights were changed: not without a sample since the last step, nor by a gradient that is not finite.
    /// What would not be finite afterwards stays as it is.
    pub applied: bool,
}

/// The outputs for a sample and their loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<O> {
    /// The loss.
    pub loss: f32,
    /// Logits or values.
    pub output: O,
}

impl<O: Tensor> Evaluation<O> {
    pub(super) fn of<L: Loss<O>>(loss: &L, output: O, target: &L::Target) -> Result<Self, InvalidTarget> {
        let mut gradient = O::ZERO;
        let loss = loss.evaluate(&output, target, &mut gradient)?;
        Ok(Self { loss, output })
    }
}

/// Progress of the current run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Progress {
    /// Steps since the run began, skipped ones included. A run may have more than 2³²: after 2³² - 1 the count goes on from 2³¹.
    pub steps: u32,
    /// Samples since the last step, in the current pass, counted likewise.
    pub samples: u32,
    /// Steps that were not made, or not for every weight, because the gradient or what follows from it was not finite.
    pub skipped: u32,
}

impl Progress {
    /// Nothing yet.
    pub const ZERO: Self = Self { steps: 0, samples: 0, skipped: 0 };

    /// Shows it; samples must not wait for a step when it is written, and none do after it was read.
    pub(crate) fn persist(&mut self, archive: &mut Archive) {
        archive.refuse_waiting(self.samples > 0);
        archive.count(&mut self.steps);
        archive.count(&mut self.skipped);
        if archive.replaces() {
            self.samples = 0;
        }
    }
}
