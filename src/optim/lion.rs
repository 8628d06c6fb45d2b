//! Lion.

use super::adam::shrink;
use super::sgd::is_mild;
use super::{Optimizer, State, Step};
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::params::flat::{window, window_mut};
use crate::core::setting::{Setting, Settings};
use crate::kernels::lion::{LionFactors, lion, lion_carefully};

/// Lion (Chen et al. 2023, [arXiv 2302.06675](https://arxiv.org/abs/2302.06675)): every weight moves by the learning rate, in the
/// direction that the gradient and its moving average agree on: θ ← (1 - ηλ) θ - η sign(β₁m + (1 - β₁)g), m ← β₂m + (1 - β₂)g. It
/// keeps one number per weight, where Adam keeps two, and needs neither a root nor a division.
///
/// The authors take a rate 3 to 10 times below that of AdamW, and as much more decay.
///
/// `S` holds m, for example `[f32; Net::TRAINABLE]`; [`State`] lists what there is.
pub struct Lion<S> {
    momentum: S,
    config: LionConfig,
}

/// Hyper-parameters of [`Lion`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LionConfig {
    /// β₁ and β₂, each in [0, 1).
    pub betas: [f32; 2],
    /// λ, at least 0: a weight loses this share of itself times the learning rate before the update; leaves of
    /// [`Role::Weight`](crate::core::params::Role::Weight) only.
    pub weight_decay: f32,
}

impl LionConfig {
    /// The authors' β₁ and β₂, without decay.
    pub const fn new() -> Self {
        Self { betas: [0.9, 0.99], weight_decay: 0.0 }
    }
}

impl Default for LionConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings for LionConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.settings(Setting::Beta, &mut self.betas);
        archive.setting(Setting::WeightDecay, &mut self.weight_decay);
    }
}

impl<S: State> Optimizer for Lion<S> {
    type Config = LionConfig;

    const ZERO: Self = Self { momentum: S::ZERO, config: LionConfig { betas: [0.0; 2], weight_decay: 0.0 } };
    const CAPACITY: usize = S::CAPACITY;
    const IN_BLOCKS: bool = S::IN_BLOCKS;

    fn init(&mut self, config: LionConfig) {
        self.momentum.clear();
        self.config = config;
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        archive.part("lion");
        self.config.visit(archive);
        self.momentum.persist(trained, archive);
    }

    fn begin(&mut self, _: &Step) {}

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let LionConfig { betas, weight_decay } = self.config;
        let shrink = shrink(leaf, step.lr, weight_decay);
        let factors = LionFactors { betas, scale: step.scale, rate: step.lr, shrink };
        let (mut all, is_mild) = (true, is_mild(gradient, step, weight_decay));
        self.momentum.edit(first..first + weights.len(), step.key, &mut |piece, momentum| {
            let (here, length) = (piece.start - first, piece.len());
            let (weights, gradient) = (window_mut(weights, here, length), window(gradient, here, length));
            if is_mild {
                lion(weights, gradient, momentum, &factors);
            } else {
                all &= lion_carefully(weights, gradient, momentum, &factors);
            }
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, assert_near, hostile, step, trajectory};
    use super::super::{Bf16, Block8};
    use super::*;
    use crate::core::rng::{Key, Purpose};

    /// Algorithm 2 of the paper in float64.
    #[test]
    fn lion_is_the_papers() {
        assert_near(
            trajectory::<Lion<[f32; 3]>>(LionConfig::new(), 1e-3),
            [[0.999, -0.999, 0.499], [0.998, -1.0, 0.498], [0.999, -1.001, 0.497]],
            9e-8,
        );
        assert_near(
            trajectory::<Lion<[f32; 3]>>(LionConfig { weight_decay: 1.0, ..LionConfig::new() }, 1e-3),
            [[0.998, -0.998, 0.4985], [0.996002, -0.998002, 0.4970015], [0.996005998, -0.998003998, 0.4955044985]],
            9e-8,
        );
    }

    const N: usize = 96;

    fn check_finite<S: State>(config: LionConfig, lr: f32) {
        let (mut optimizer, mut weights) = (Lion::<S>::ZERO, Point { values: [0.5; N] });
        optimizer.init(config);
        let mut refused = 0;
        for seed in 0..200 {
            let gradient = hostile::<N>(seed);
            let step = Step { key: Key::new(seed, Purpose::Rounding), ..step(lr, 1.0) };
            let all = optimizer.step(&mut weights, &gradient, &step);
            assert!(!all || gradient.iter().all(|g| g.is_finite()), "{seed}");
            refused += u32::from(!all);
            assert!(weights.values.iter().all(|w| w.is_finite()), "{seed}");
            optimizer.momentum.edit(0..N, step.key, &mut |_, m| {
                assert!(m.iter().all(|m| m.is_finite()), "{seed}: {m:?}");
            });
        }
        assert!(refused > 20, "{refused}");
    }

    #[test]
    fn whatever_the_gradient_weights_and_momentum_are_finite() {
        for weight_decay in [0.0, 0.1, 1e38] {
            for lr in [1e-3, 1.0, 1e30, f32::INFINITY, f32::NAN] {
                let config = LionConfig { weight_decay, ..LionConfig::new() };
                check_finite::<[f32; N]>(config, lr);
                check_finite::<[Bf16; N]>(config, lr);
                check_finite::<[Block8; 3]>(config, lr);
            }
        }
    }
}
