//! The windows of a network.

use core::array;
use core::hint::black_box;

use trainlet::core::checksum::crc32_of;
use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::loss::{Loss, Supervised as _};
use trainlet::nn::micro_batch::{BatchModel, MicroBatch};
use trainlet::optim::{Adam, AdamConfig, Schedule};
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

    /// Runs the windows that every network has: a sample there and back, a step of the optimiser with the norm of the gradient,
    /// a sample in evaluation.
    pub fn run(&mut self) {
        self.run_sample("sample");
        let Self { trainer, input } = self;
        window(format_args!("{}: Adam", M::NAME), M::TRAINABLE, || {
            black_box(trainer.step());
        });
        window(format_args!("{}: prediction", M::NAME), 1, || {
            black_box(trainer.predict(black_box(input)));
        });
    }

    /// Runs the first of these alone, under a name of its own, for another way of training the same network.
    pub fn run_sample(&mut self, name: &str) {
        let Self { trainer, input } = self;
        let config = Config::new(1, M::LOSS, AdamConfig::adam(), Schedule::constant(1e-3));
        assert!(trainer.init(config.clipped(1.0)).is_ok(), "the settings are in range");
        fill(input.flat_mut(), 0);
        window(format_args!("{}: {name}", M::NAME), 1, || accumulate(trainer, input));
    }
}

impl<M: Network> Memory<M> {
    /// Runs a sample in pieces: a window for each that is a block's.
    pub fn run_pieces(&mut self) {
        let Self { trainer, input } = self;
        let target = target::<M>();
        trainer.zero_grad();
        let mut sample = trainer.in_pieces(black_box(input), &target, 1.0);
        for (way, first) in [("forward", 0), ("backward", M::PIECES)] {
            for piece in first..first + M::PIECES {
                let is_block = (first + 1..first + M::PIECES - 1).contains(&piece);
                let mut advance = || assert!(sample.advance().is_ok(), "the target is a class");
                if is_block {
                    window(format_args!("{}: piece, a block {way}", M::NAME), 1, advance);
                } else {
                    advance();
                }
            }
        }
    }
}

/// What a network has beside these that works on `SIDE` samples side by side.
impl<M: BatchModel<Input: Tensor> + 'static, const SIDE: usize> Memory<MicroBatch<M, SIDE>>
where
    MicroBatch<M, SIDE>: Network<Input = M::Input, Output = M::Output>,
{
    /// Runs the windows of samples side by side, half as many and all, and of whole steps, with 32 samples and with one.
    /// `inputs` is memory for the samples.
    pub fn run_side_by_side(&mut self, inputs: &mut [M::Input; SIDE]) {
        const { assert!(BATCH.is_multiple_of(SIDE)) };
        let Self { trainer, input } = self;
        let name = <MicroBatch<M, SIDE>>::NAME;
        inputs.iter_mut().zip(1..).for_each(|(input, index)| fill(input.flat_mut(), index));
        let inputs = black_box(&*inputs);
        let targets: [_; SIDE] = array::from_fn(|_| target::<MicroBatch<M, SIDE>>());
        let accumulate_batch = |trainer: &mut NetworkTrainer<MicroBatch<M, SIDE>>, samples, share| {
            black_box(trainer.accumulate_batch(&inputs[..samples], &targets[..samples], share).is_ok());
        };
        for samples in [SIDE / 2, SIDE] {
            inputs.iter().take(samples).for_each(|input| accumulate(trainer, input));
            let one_by_one = crc32_of(trainer.gradient());
            trainer.zero_grad();
            window(format_args!("{name}: sample, {samples} side by side"), samples, || {
                accumulate_batch(trainer, samples, 1.0);
            });
            assert_eq!(crc32_of(trainer.gradient()), one_by_one, "other bits than one by one");
            trainer.zero_grad();
        }
        window(format_args!("{name}: training step, batch {BATCH}"), 1, || {
            (0..BATCH / SIDE).for_each(|_| accumulate_batch(trainer, SIDE, 1.0 / BATCH as f32));
            black_box(trainer.step());
        });
        window(format_args!("{name}: training step, batch 1"), 1, || {
            accumulate(trainer, input);
            black_box(trainer.step());
        });
    }
}

/// The samples of a batch that is more than one.
const BATCH: usize = 32;

fn target<M: Network>() -> <M::Loss as Loss<M::Output>>::Target {
    M::Loss::target([1.0])
}

/// What a sample costs does not depend on its values or its share.
fn accumulate<M: Network>(trainer: &mut NetworkTrainer<M>, input: &M::Input) {
    black_box(trainer.accumulate(black_box(input), &target::<M>(), 1.0).is_ok());
}
