//! The same configuration and samples give the same bits of every weight: without optimisation, with all of it, and with
//! every instruction of the processor. The constants change only when the mathematics does.

mod common;

use common::tensor;
use trainlet::core::checksum::crc32;
use trainlet::networks::{Mlp42, Network, Watch12x1, Watch16x2, WatchConvNext, WatchLambda};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::{DenseHead, MeanHead};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, Supervised as _};
use trainlet::nn::net::Net;
use trainlet::nn::stem::{DenseStem, PatchEmbedding, Piecewise, Statistics};
use trainlet::optim::{Adam, AdamConfig, LrShape, Schedule};
use trainlet::train::{Config, Trainer};

/// Few, because builds without optimisation are slow.
const STEPS: u32 = 100;
const BATCH: u32 = 4;

/// CRC-32 of the weights after a training with everything random switched on.
fn crc_after_training<M: Network>() -> u32 {
    let mut trainer = Box::new(Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::ZERO);
    let schedule = Schedule { lr: 5e-3, warmup: 10, shape: LrShape::Cosine { steps: STEPS, min: 0.0 } };
    let mut config = Config::new(42, M::LOSS, AdamConfig::adamw(0.01), schedule).clipped(1.0);
    config.dropout = Dropout { p: 0.1 };
    config.stochastic_depth = StochasticDepth { p: 0.2 };
    trainer.init(config).unwrap();
    for sample in 0..STEPS * BATCH {
        let input: M::Input = tensor(0.37 * f64::from(sample), 1.5);
        let target = M::Loss::target([(sample % 2) as f32]);
        trainer.accumulate(&input, &target, 1.0 / BATCH as f32).unwrap();
        if sample % BATCH == BATCH - 1 {
            assert!(trainer.step().applied);
        }
    }
    crc32(&trainer.weights)
}

#[test]
fn watch_12x1_ends_in_the_same_bits() {
    assert_eq!(crc_after_training::<Watch12x1>(), 0xb03b_a590);
}

/// Two blocks, of which the second is sometimes left out.
#[test]
fn watch_16x2_ends_in_the_same_bits() {
    assert_eq!(crc_after_training::<Watch16x2>(), 0x47aa_3bdf);
}

/// Vectors instead of tokens.
#[test]
fn mlp_42_64_32_1_ends_in_the_same_bits() {
    assert_eq!(crc_after_training::<Mlp42>(), 0x808a_9a6b);
}

/// Convolutions.
#[test]
fn watch_convnext_ends_in_the_same_bits() {
    assert_eq!(crc_after_training::<WatchConvNext>(), 0x2f42_c6db);
}

trainlet::network! {
    /// Piecewise-linear functions of columns.
    pub Pieces = Net<4, 8, Piecewise<PatchEmbedding<11, 2, 3, 8>, 11, 5, 2>, [MixerBlock<4, 8, 4, 12>; 1], MeanHead<8, 3>>;
    "pieces", CrossEntropy, "Mixer for 11 columns in bins"
}

#[test]
fn pieces_end_in_the_same_bits() {
    assert_eq!(crc_after_training::<Pieces>(), 0xb915_269c);
}

trainlet::network! {
    /// Statistics of windows: a square root and a division for each.
    pub Summary = Net<1, 8, Statistics<DenseStem<18, 12, 8>, 11, 3>, (), DenseHead<8, 3>>;
    "summary", CrossEntropy, "perceptron on statistics of 3 features"
}

#[test]
fn statistics_end_in_the_same_bits() {
    assert_eq!(crc_after_training::<Summary>(), 0x06d8_e4e4);
}

/// A softmax.
#[test]
fn watch_lambda_ends_in_the_same_bits() {
    assert_eq!(crc_after_training::<WatchLambda>(), 0x251b_9b13);
}
