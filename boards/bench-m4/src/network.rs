//! The windows of a network.

use core::hint::black_box;

use trainlet::loss::Classify as _;
use trainlet::networks::Network;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::tensor::Tensor;
use trainlet::train::{Config, Trainer};

use crate::values::fill;
use crate::window::window;

type NetworkTrainer<M> = Trainer<M, <M as Network>::Loss, Adam<<M as Network>::F32>, <M as Network>::Arena>;

/// A trainer, and the sample that it looks at: all RAM of a program but the stack.
pub struct Memory<M: Network> {
    trainer: NetworkTrainer<M>,
    input: M::Input,
}

impl<M: Network> Memory<M> {
    /// All zeros.
    pub const ZERO: Self = Self { trainer: NetworkTrainer::<M>::ZERO, input: <M::Input as Tensor>::ZERO };

    /// Runs all windows: a sample there and back, a step of the optimiser with the norm of the gradient, a sample in
    /// evaluation, and whole steps of training with so many samples each.
    pub fn run(&mut self, batches: &[u32]) {
        let Self { trainer, input } = self;
        let config = Config::new(1, M::LOSS, AdamConfig::adam(), Schedule::constant(1e-3));
        trainer.init(config.clipped(1.0));
        fill(input.flat_mut(), 0);
        window(format_args!("{}: sample", M::NAME), 1, || accumulate(trainer, input, 1));
        window(format_args!("{}: Adam", M::NAME), M::TRAINED, || {
            black_box(trainer.step());
        });
        window(format_args!("{}: prediction", M::NAME), 1, || {
            black_box(trainer.predict(black_box(input)));
        });
        for samples in batches {
            window(format_args!("{}: training step, batch {samples}", M::NAME), 1, || {
                accumulate(trainer, input, *samples);
                black_box(trainer.step());
            });
        }
    }
}

/// What a sample costs does not depend on its values, so one stands for all of a batch.
fn accumulate<M: Network>(trainer: &mut NetworkTrainer<M>, input: &M::Input, samples: u32) {
    let target = M::Loss::target(1);
    let share = 1.0 / samples as f32;
    for _ in 0..samples {
        black_box(trainer.accumulate(black_box(input), &target, share).is_ok());
    }
}
