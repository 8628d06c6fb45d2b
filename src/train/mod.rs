//! Training: a value that holds weights, gradient, optimiser state and activations, and fits a `static`.
//!
//! [`Trainer`] adds up the gradient of a batch; [`Online`] changes the weights with every sample and needs no room for a
//! gradient; [`Sam`] and [`SingleStep`] take the gradient at a point near by; [`Predictor`] only predicts.

mod batch;
mod config;
mod fine_tune;
mod online;
mod predictor;
mod sam;
mod trainer;

pub use config::{Clipping, Config, NoClip, WithoutNorm};
pub use online::{Online, OnlineReport};
pub use predictor::Predictor;
pub use sam::{Ascent, Bits, Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sam, SamError, SingleStep, Sparsity, TopK};
pub use trainer::{StepReport, Trainer};

use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use config::Settings;

/// The outputs for a sample and their loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<O> {
    /// The loss.
    pub loss: f32,
    /// Logits or values.
    pub output: O,
}

impl<O: Tensor> Evaluation<O> {
    fn of<L: Loss<O>>(loss: &L, output: O, target: &L::Target) -> Result<Self, InvalidTarget> {
        let mut gradient = O::ZERO;
        let loss = loss.evaluate(&output, target, &mut gradient)?;
        Ok(Self { loss, output })
    }
}

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
