//! A trainer behind an object-safe interface. All that depends on the type of a network stands here.

use trainlet::core::checksum::crc32;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{InvalidTarget, LossOptions, Supervised};
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

use crate::message::Recipe;
use crate::optimizer::{AnyAdam, MAX_WEIGHTS, Settings};

/// Learns from rows of numbers.
pub trait Learner {
    /// Adds a sample to the gradient of the next step.
    fn accumulate(&mut self, row: &[f32], label: &[f32], weight: f32) -> Result<f32, InvalidTarget>;
    /// Changes the weights.
    fn step(&mut self);
    /// Appends the outputs for a row.
    fn predict(&mut self, row: &[f32], outputs: &mut Vec<f32>);
    /// CRC-32 of the weights.
    fn crc32(&self) -> u32;
}

struct Flat<M: Network> {
    trainer: Trainer<M, M::Loss, AnyAdam, M::Arena>,
    input: M::Input,
}

/// A learner with weights drawn from the seed, for a run of `steps` steps.
///
/// # Errors
/// A setting out of its range.
pub fn start<M: Network>(recipe: &Recipe, steps: u32, seed: u64) -> Result<Box<dyn Learner>, OutOfRange> {
    const { assert!(M::TRAINABLE <= MAX_WEIGHTS, "a worker trains candidates of up to 65,536 weights") };
    let Recipe { lr, warmup, weight_decay, clip, dropout, drop_path, label_smoothing, state, .. } = *recipe;
    let options = LossOptions { label_smoothing, pos_weight: None };
    let config = Config {
        seed,
        // What a loss has no option for stays as it is.
        loss: M::LOSS.with_options(options).unwrap_or(M::LOSS),
        optimizer: Settings { adam: AdamConfig::adamw(weight_decay), state },
        schedule: Schedule::cosine(lr, (warmup * steps as f32).round() as u32, steps),
        clip: Some(clip).into(),
        dropout: Dropout { p: dropout },
        stochastic_depth: StochasticDepth { p: drop_path },
    };
    let mut flat = Box::new(Flat::<M> { trainer: Trainer::ZERO, input: M::Input::ZERO });
    flat.trainer.init(config)?;
    Ok(flat)
}

impl<M: Network> Learner for Flat<M> {
    fn accumulate(&mut self, row: &[f32], label: &[f32], weight: f32) -> Result<f32, InvalidTarget> {
        self.input.flat_mut().copy_from_slice(row);
        self.trainer.accumulate(&self.input, &M::Loss::target(label.iter().copied()), weight)
    }

    fn step(&mut self) {
        self.trainer.step();
    }

    fn predict(&mut self, row: &[f32], outputs: &mut Vec<f32>) {
        self.input.flat_mut().copy_from_slice(row);
        outputs.extend_from_slice(self.trainer.predict(&self.input).flat());
    }

    fn crc32(&self) -> u32 {
        crc32(&self.trainer.weights)
    }
}
