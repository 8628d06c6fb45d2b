//! Runs of more steps than their counter can name.

use super::*;
use crate::core::params::Params;
use crate::networks::Mlp42;
use crate::nn::layer::{Dropout, StochasticDepth};
use crate::nn::loss::BceWithLogits;
use crate::nn::micro_batch::MicroBatch;
use crate::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Bf16, LrShape, NoiseConfig, NoiseShape, Noisy, Schedule,
};
use std::boxed::Box;

type Batches = MicroBatch<Mlp42, 2>;
type Rule = Noisy<Averaged<Adam<[Bf16; Mlp42::TRAINABLE]>, [f32; Mlp42::TRAINABLE]>>;
type Long = Trainer<Batches, BceWithLogits<1>, Rule, [f32; Batches::ARENA]>;

/// A trainer after `steps` steps, all of whose settings depend on their number.
fn late(steps: u32, shape: LrShape) -> Box<Long> {
    let noise = NoiseConfig { shape: NoiseShape::Karras, ..NoiseConfig::new(0.1, 7, u32::MAX) };
    let rules = ((AdamConfig::adam(), AverageConfig { gamma: 7.0 }), noise);
    let mut config = Config::new(1, BceWithLogits::new(), rules, Schedule { lr: 1e-3, warmup: 5, shape });
    config.dropout = Dropout { p: 0.5 };
    config.stochastic_depth = StochasticDepth { p: 0.1 };
    let mut trainer = Box::new(Long::ZERO);
    trainer.init(config).unwrap();
    (trainer.progress.steps, trainer.progress.skipped) = (steps, u32::MAX);
    trainer
}

#[test]
fn a_run_has_no_last_step() {
    for shape in [
        LrShape::Constant,
        LrShape::Cosine { min: 1e-4, steps: u32::MAX },
        LrShape::Restarts { first: 3, multiply: 2, min: 1e-4 },
    ] {
        let mut trainer = late(u32::MAX - 2, shape);
        for step in 0..6 {
            let rate = trainer.accumulate(&[0.5; 42], &[1.0], 1.0).map(|_| trainer.step());
            let report = rate.unwrap();
            assert!(report.applied && report.lr >= 1e-4 && report.lr <= 1e-3, "{shape:?}, {step}: {report:?}");
        }
        assert_eq!(trainer.steps(), (1 << 31) + 3);
        assert!(!{
            trainer.accumulate(&[f32::NAN; 42], &[1.0], 1.0).unwrap();
            trainer.step().applied
        });
        assert_eq!(trainer.skipped(), u32::MAX, "as many as it can count");
    }
}

/// With dropout the loss of a sample tells the masks of steps apart.
#[test]
fn random_numbers_change_from_step_to_step_however_late() {
    let mut trainer = late(u32::MAX - 2, LrShape::Constant);
    let losses: std::vec::Vec<f32> = (0..8)
        .map(|_| {
            let loss = trainer.accumulate(&[0.5; 42], &[1.0], 1.0).unwrap();
            trainer.zero_grad();
            trainer.progress.steps = next(trainer.progress.steps);
            loss
        })
        .collect();
    for (step, loss) in losses.iter().enumerate() {
        assert!(!losses[..step].contains(loss), "{losses:?}");
    }
}

#[test]
fn a_step_of_more_samples_than_can_be_counted_is_the_same_in_any_portions() {
    let inputs = [[0.1; 42], [0.2; 42], [0.3; 42], [0.4; 42], [0.5; 42]];
    let [mut one_by_one, mut batches] = [(); 2].map(|()| {
        let mut trainer = late(9, LrShape::Constant);
        trainer.progress.samples = u32::MAX - 2;
        trainer
    });
    for input in &inputs {
        one_by_one.accumulate(input, &[1.0], 0.2).unwrap();
    }
    batches.accumulate_batch(&inputs, &[[1.0]; 5], 0.2).unwrap();
    assert_eq!(one_by_one.samples(), (1 << 31) + 2);
    assert_eq!((one_by_one.samples(), one_by_one.gradient()), (batches.samples(), batches.gradient()));
}
