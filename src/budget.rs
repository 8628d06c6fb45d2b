//! The RAM of a trainer, known to the compiler.

use crate::net::Model;
use crate::optim::Optimizer;

/// Bytes by role. The parts add up to [`total`](Self::total), the size of the trainer's type; beside it a program needs
/// its samples and the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Budget {
    /// What is learnt.
    pub weights: usize,
    /// The gradient of a step, as large as the weights.
    pub gradients: usize,
    /// Moments, hyper-parameters and counters of the optimiser.
    pub optimizer: usize,
    /// The token stream and its gradient.
    pub stream: usize,
    /// Kept from forward to backward.
    pub saved: usize,
    /// Used while one pass of a block runs.
    pub scratch: usize,
    /// Settings and counters of the trainer.
    pub settings: usize,
    /// All of it.
    pub total: usize,
}

impl Budget {
    /// For a trainer of `total` bytes.
    pub(crate) const fn of_trainer<M: Model, O: Optimizer<M>>(total: usize) -> Self {
        let word = size_of::<f32>();
        let [weights, gradients, optimizer] = [M::COUNT * word, M::COUNT * word, O::STATE_BYTES];
        let [stream, saved, scratch] = [M::STREAM * word, M::SAVED * word, M::SCRATCH * word];
        let settings = total - (weights + gradients + optimizer + stream + saved + scratch);
        Self { weights, gradients, optimizer, stream, saved, scratch, settings, total }
    }
}
