//! Updates without a gradient buffer.

mod common;

use std::fmt::Debug;

use common::modes::{Around, BitFitMixer, LastOf, Mixer};
use common::{flat, tensor};
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::{BlockInput, Checkpointed, Frozen, Keep, Recompute, Reversible, ReversibleBlock};
use trainlet::nn::head::{FlatHead, MeanHead};
use trainlet::nn::layer::{BitFit, Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Bf16, Momentum, MomentumConfig, Optimizer, Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

/// Without a gradient buffer every weight changes as it does in batches of one.
fn same_online<M, O: Optimizer<Config: Debug>, A: Tensor, B: Tensor>(optimizer: O::Config)
where
    M: Model<Input: Tensor, Output = [f32; 3]>,
{
    let mut config = Config::new(3, CrossEntropy::new(), optimizer, Schedule::constant(0.02));
    config.dropout = Dropout { p: 0.1 };
    config.stochastic_depth = StochasticDepth { p: 0.3 };
    let mut online = Box::new(Online::<M, CrossEntropy, O, A>::ZERO);
    let mut buffered = Box::new(Trainer::<M, CrossEntropy, O, B>::ZERO);
    online.init(config).unwrap();
    buffered.init(config).unwrap();
    for sample in 0..30 {
        let (input, class): (M::Input, _) = (tensor(f64::from(sample), 1.0), (sample % 3) as usize);
        let learnt = online.learn(&input, &class).unwrap();
        assert_eq!(learnt.loss, buffered.accumulate(&input, &class, 1.0).unwrap());
        assert!(learnt.applied && buffered.step().applied);
        assert_eq!(flat(&online.weights), flat(&buffered.weights), "sample {sample}");
    }
    assert_eq!(online.predict(&tensor(0.3, 1.0)), buffered.predict(&tensor(0.3, 1.0)));
}

#[test]
fn online_is_batches_of_one_to_the_last_bit() {
    macro_rules! check {
        ($model:ty) => {
            type M = $model;
            type Long = [f32; M::ARENA];
            type Short = [f32; M::ONLINE_ARENA];
            same_online::<M, Sgd, Short, Long>(SgdConfig { weight_decay: 0.01 });
            same_online::<M, Momentum<[f32; M::TRAINABLE]>, Short, Long>(MomentumConfig::new(0.9));
            same_online::<M, Momentum<[Bf16; M::TRAINABLE]>, Short, Long>(MomentumConfig::new(0.9));
            same_online::<M, Adam<[f32; M::TRAINABLE]>, Short, Long>(AdamConfig::adamw(0.01));
            same_online::<M, Adam<[Bf16; M::TRAINABLE]>, Short, Long>(AdamConfig::adam());
        };
    }
    {
        check!(Around<7, 5, [Mixer<7, 5, Keep>; 2]>);
    }
    {
        check!(Around<7, 5, [Mixer<7, 5, BlockInput>; 2]>);
    }
    {
        check!(Around<7, 5, ([Mixer<7, 5, Recompute>; 2], Mixer<7, 5, Keep>)>);
    }
    {
        check!(Around<7, 5, Checkpointed<Mixer<7, 5, Recompute>, 2, 2>>);
    }
    {
        check!(Around<7, 6, Reversible<ReversibleBlock<7, 3, 4, 5>, 3>>);
    }
    {
        check!(Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, LastOf<7, 5, 2, 1, Recompute>, MeanHead<5, 3>>);
    }
    {
        check!(Net<7, 5, PatchEmbedding<7, 2, 1, 5, BitFit>, [BitFitMixer<7, 5, Recompute>; 2], FlatHead<7, 5, 3>>);
    }
}

/// A sample that would spoil the weights changes none of them.
#[test]
fn online_skips_what_is_not_finite() {
    type M = Around<7, 5, [Mixer<7, 5, Keep>; 2]>;
    let mut online = Online::<M, CrossEntropy, Sgd, [f32; M::ONLINE_ARENA]>::ZERO;
    online.init(Config::new(3, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(0.02))).unwrap();
    online.learn(&tensor(0.1, 1.0), &1).unwrap();
    let before = flat(&online.weights);
    let mut poisoned: [[f32; 2]; 7] = tensor(0.2, 1.0);
    poisoned[3][1] = f32::NAN;
    assert!(!online.learn(&poisoned, &1).unwrap().applied);
    assert!(online.learn(&tensor(0.3, 1.0), &7).is_err(), "no such class");
    assert_eq!((flat(&online.weights), online.steps(), online.skipped()), (before, 2, 1));
}
