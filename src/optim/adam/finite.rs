//! No step leaves a weight or a moment that is not finite.

use super::super::tests::{Point, hostile, step};
use super::super::{Bf16, Block8};
use super::*;
use crate::core::rng::{Key, Purpose};

const N: usize = 96;

fn check<S: State>(weight_decay: WeightDecay, betas: [f32; 2], lr: f32) {
    let (mut optimizer, mut weights) = (Adam::<S>::ZERO, Point { values: [0.5; N] });
    let (mut refused, mut all_applied) = (0, 0);
    for seed in 0..300 {
        if seed % 30 == 0 {
            optimizer.init(AdamConfig { weight_decay, betas, eps: 1e-30 });
            weights.values = [0.5; N];
        }
        let gradient = hostile::<N>(seed);
        let step = Step { key: Key::new(seed, Purpose::Rounding), ..step(lr, 1.0) };
        let all = optimizer.step(&mut weights, &gradient, &step);
        assert!(!all || gradient.iter().all(|g| g.is_finite()), "{seed}");
        (refused, all_applied) = (refused + u32::from(!all), all_applied + u32::from(all));
        assert!(weights.values.iter().all(|w| w.is_finite()), "{seed}: {:?}", weights.values);
        optimizer.moment1.edit(0..N, step.key, &mut |_, m| assert!(m.iter().all(|m| m.is_finite()), "{seed}: {m:?}"));
        optimizer.moment2.edit(0..N, step.key, &mut |_, v| assert!(v.iter().all(|v| v.is_finite()), "{seed}: {v:?}"));
    }
    assert!(refused > 50 && all_applied > 50, "{refused} of 300 refused");
}

#[test]
fn whatever_the_gradient_weights_and_moments_are_finite() {
    for decay in [WeightDecay::None, WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.1)] {
        for betas in [[0.9, 0.999], [0.0, 0.0], [0.999, 0.5]] {
            for lr in [1e-3, 1.0] {
                check::<[f32; N]>(decay, betas, lr);
                check::<[Bf16; N]>(decay, betas, lr);
                check::<[Block8; 3]>(decay, betas, lr);
            }
        }
    }
}

#[test]
fn rates_and_decays_of_any_size_do_no_harm() {
    for lr in [1e-3, 1e9, 1e38, f32::INFINITY, f32::NAN] {
        for decay in [WeightDecay::None, WeightDecay::Coupled(1e38), WeightDecay::Decoupled(1e38)] {
            let (mut optimizer, mut weights) = (Adam::<[f32; N]>::ZERO, Point { values: [1e20; N] });
            optimizer.init(AdamConfig { weight_decay: decay, ..AdamConfig::adam() });
            for seed in 0..20 {
                optimizer.step(&mut weights, &hostile::<N>(seed), &step(lr, 1.0));
                assert!(weights.values.iter().all(|w| w.is_finite()), "{lr}, {decay:?}: {:?}", weights.values);
            }
        }
    }
}
