//! Training: a value that holds weights, gradient, optimiser state and activations, and fits a `static`.
//!
//! [`Trainer`] adds up the gradient of a batch; [`Online`] changes the weights with every sample and needs no room for a
//! gradient; [`Sam`] and [`SingleStep`] take the gradient at a point near by; [`Predictor`] only predicts.

mod batch;
mod config;
mod fine_tune;
mod learner;
mod online;
mod predictor;
mod report;
mod sam;
mod trainer;

pub use config::{Clipping, Config, NoClip, WithoutNorm};
pub use learner::{Learner, observe_samples, train_step, train_step_with};
pub use online::{Online, OnlineReport};
pub use predictor::Predictor;
pub use report::{Evaluation, Progress, StepReport};
pub use sam::{Ascent, Bits, Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sam, SamError, SingleStep, Sparsity, TopK};
pub use trainer::Trainer;

use crate::core::params::Params;
use config::Settings;

/// Values that are trained and others change places.
fn swap<M: Params>(weights: &mut M, others: Option<&mut [f32]>) {
    let Some(others) = others else { return };
    weights.walk_trained(&mut |_, weights, first| {
        if let Some(others) = others.get_mut(first..first + weights.len()) {
            weights.swap_with_slice(others);
        }
    });
}

/// Stops the compiler unless an optimiser's state is as long as it must be.
const fn check_state(capacity: usize, trained: usize) {
    assert!(
        capacity == usize::MAX || (capacity >= trained && capacity < trained + 32),
        "the optimiser's state has another length than the model needs: write `Adam<[f32; Net::TRAINABLE]>`, \
         `Adam<[Bf16; Net::TRAINABLE]>` or `Adam<[Block8; Net::TRAINABLE.div_ceil(Block8::LEN)]>`"
    );
}
