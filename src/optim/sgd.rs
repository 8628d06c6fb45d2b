//! Stochastic gradient descent, with and without momentum.

use super::{Optimizer, State, Step};
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::params::flat::{window, window_mut};
use crate::core::setting::{Setting, Settings};
use crate::kernels::descent::{Descent, Roll, are_small, descend, roll, roll_carefully};

/// Stochastic gradient descent: θ ← θ - η (g + λθ). Keeps nothing per weight.
pub struct Sgd {
    config: SgdConfig,
}

/// Hyper-parameters of [`Sgd`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SgdConfig {
    /// λ, at least 0: this much of each weight, biases and norms included, is added to its gradient.
    pub weight_decay: f32,
}

/// Stochastic gradient descent with momentum as PyTorch has it: b ← μb + (1 - τ)g, θ ← θ - ηb. The learning rate
/// stays outside of b, and the first gradient enters b undampened.
///
/// `S` holds b, for example `[f32; Net::TRAINABLE]`; [`State`] lists what there is.
pub struct Momentum<S> {
    /// b: the decaying sum of gradients.
    buffer: S,
    /// Gradients that have entered `buffer`, as far as they matter.
    steps: u8,
    config: MomentumConfig,
}

/// Hyper-parameters of [`Momentum`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MomentumConfig {
    /// μ: share of the buffer that is kept, in [0, 1).
    pub momentum: f32,
    /// τ, in [0, 1]: share of each gradient after the first that does not enter the buffer.
    pub dampening: f32,
    /// Moves by g + μb instead of b.
    pub nesterov: bool,
    /// λ, at least 0: this much of each weight, biases and norms included, is added to its gradient.
    pub weight_decay: f32,
}

impl MomentumConfig {
    /// No dampening, no Nesterov, no decay.
    pub const fn new(momentum: f32) -> Self {
        Self { momentum, dampening: 0.0, nesterov: false, weight_decay: 0.0 }
    }
}

impl Settings for SgdConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::WeightDecay, &mut self.weight_decay);
    }
}

impl Settings for MomentumConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Momentum, &mut self.momentum);
        archive.setting(Setting::Dampening, &mut self.dampening);
        archive.flag(&mut self.nesterov);
        archive.setting(Setting::WeightDecay, &mut self.weight_decay);
    }
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    const ZERO: Self = Self { config: SgdConfig { weight_decay: 0.0 } };
    const CAPACITY: usize = usize::MAX;

    fn init(&mut self, config: SgdConfig) {
        self.config = config;
    }

    fn persist(&mut self, _: usize, archive: &mut Archive) {
        archive.part("sgd");
        self.config.visit(archive);
    }

    fn begin(&mut self, _: &Step) {}

    fn update(&mut self, _: &Leaf, weights: &mut [f32], _: usize, gradient: &[f32], step: &Step) -> bool {
        descend(weights, gradient, &descent(step, self.config.weight_decay))
    }
}

impl<S: State> Optimizer for Momentum<S> {
    type Config = MomentumConfig;

    const ZERO: Self = Self { buffer: S::ZERO, steps: 0, config: MomentumConfig::new(0.0) };
    const CAPACITY: usize = S::CAPACITY;
    const IN_BLOCKS: bool = S::IN_BLOCKS;

    fn init(&mut self, config: MomentumConfig) {
        self.buffer.clear();
        self.steps = 0;
        self.config = config;
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        archive.part("momentum");
        self.config.visit(archive);
        archive.bytes(core::slice::from_mut(&mut self.steps));
        self.buffer.persist(trained, archive);
    }

    fn begin(&mut self, _: &Step) {
        self.steps = self.steps.saturating_add(1);
    }

    fn update(&mut self, _: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let MomentumConfig { momentum, dampening, nesterov, weight_decay } = self.config;
        let share = 1.0 - if self.steps > 1 { dampening } else { 0.0 };
        let rule = Roll { descent: descent(step, weight_decay), momentum, share, nesterov };
        let (mut all, is_mild) = (true, is_mild(gradient, step, weight_decay));
        self.buffer.edit(first..first + weights.len(), step.key, &mut |piece, buffer| {
            let (here, length) = (piece.start - first, piece.len());
            let (weights, gradient) = (window_mut(weights, here, length), window(gradient, here, length));
            if is_mild {
                roll(weights, gradient, buffer, &rule);
            } else {
                all &= roll_carefully(weights, gradient, buffer, &rule);
            }
        });
        all
    }
}

/// Whether no sum of such gradients, and no weight that they move, can leave the range of `f32`: not in 2³² steps, however
/// little of the sum decays, and the decay of weights does not let them grow.
pub(super) fn is_mild(gradient: &[f32], step: &Step, decay: f32) -> bool {
    const LARGEST_RATE: f32 = 1024.0;
    // Not so if one of them is not a number.
    let settings = step.scale <= 1.0 && step.lr < LARGEST_RATE && step.lr * decay <= 1.0;
    // A norm is below 2⁶⁴, or infinite.
    settings && step.grad_norm.map_or_else(|| are_small(gradient), f32::is_finite)
}

/// What a step multiplies with.
fn descent(step: &Step, decay: f32) -> Descent {
    Descent { rate: step.lr, scale: step.scale, decay }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, assert_near, hostile, step, trajectory};
    use super::super::{Bf16, Block8};
    use super::*;
    use crate::core::rng::{Key, Purpose};

    #[test]
    fn plain_descent_follows_the_gradient() {
        assert_near(
            trajectory::<Sgd>(SgdConfig::default(), 0.1),
            [[0.99, -0.8, 0.499999999], [0.97, -0.9, 0.499999999], [1.0, -0.95, 0.499999998]],
            9e-8,
        );
    }

    #[test]
    fn momentum_is_pytorchs() {
        assert_near(
            trajectory::<Momentum<[f32; 3]>>(MomentumConfig::new(0.9), 0.1),
            [[0.99, -0.8, 0.499999999], [0.961, -0.72, 0.4999999981], [0.9649, -0.698, 0.49999999629]],
            9e-8,
        );
    }

    #[test]
    fn nesterov_is_pytorchs() {
        assert_near(
            trajectory::<Momentum<[f32; 3]>>(MomentumConfig { nesterov: true, ..MomentumConfig::new(0.9) }, 0.1),
            [[0.981, -0.62, 0.4999999981], [0.9349, -0.648, 0.5], [0.96841, -0.6782, 0.5]],
            9e-8,
        );
    }

    #[test]
    fn the_first_gradient_is_not_dampened() {
        // b: 0.1, then 0.9 · 0.1 + 0.5 · 0.2 = 0.19, then 0.9 · 0.19 - 0.5 · 0.3 = 0.021.
        let [first, second, third] =
            trajectory::<Momentum<[f32; 3]>>(MomentumConfig { dampening: 0.5, ..MomentumConfig::new(0.9) }, 0.1);
        for (got, expected) in [(first, 0.99), (second, 0.971), (third, 0.9689)] {
            assert!((got[0] - expected).abs() < 1e-7, "{got:?} {expected}");
        }
    }

    const N: usize = 96;

    fn check_finite<S: State>(config: MomentumConfig, lr: f32) {
        let (mut descent, mut momentum) = (Sgd::ZERO, Momentum::<S>::ZERO);
        descent.init(SgdConfig { weight_decay: config.weight_decay });
        momentum.init(config);
        let mut weights = [const { Point { values: [0.5; N] } }; 2];
        for seed in 0..200 {
            let gradient = hostile::<N>(seed);
            let step = Step { key: Key::new(seed, Purpose::Rounding), ..step(lr, 1.0) };
            let [first, second] = &mut weights;
            let all = descent.step(first, &gradient, &step) & momentum.step(second, &gradient, &step);
            assert!(!all || gradient.iter().all(|g| g.is_finite()), "{seed}");
            assert!(weights.iter().all(|point| point.values.iter().all(|w| w.is_finite())), "{seed}");
            momentum.buffer.edit(0..N, step.key, &mut |_, b| assert!(b.iter().all(|b| b.is_finite()), "{seed}: {b:?}"));
        }
    }

    #[test]
    fn whatever_the_gradient_weights_and_sums_are_finite() {
        let config = MomentumConfig { nesterov: true, weight_decay: 0.1, ..MomentumConfig::new(0.99) };
        for config in [config, MomentumConfig::new(0.9)] {
            for lr in [1e-3, 1.0, 1e30] {
                check_finite::<[f32; N]>(config, lr);
                check_finite::<[Bf16; N]>(config, lr);
                check_finite::<[Block8; 3]>(config, lr);
            }
        }
    }

    #[test]
    fn a_decay_that_lets_weights_grow_ends_before_infinity() {
        let (mut descent, mut momentum) = (Sgd::ZERO, Momentum::<[f32; 9]>::ZERO);
        descent.init(SgdConfig { weight_decay: 10.0 });
        momentum.init(MomentumConfig { weight_decay: 10.0, ..MomentumConfig::new(0.9) });
        let mut weights = [const { Point { values: [0.5; 9] } }; 2];
        let mut all = true;
        for _ in 0..100 {
            let [first, second] = &mut weights;
            let step = Step { grad_norm: Some(0.0), ..step(1.0, 1.0) };
            all &= descent.step(first, &[0.0; 9], &step) | momentum.step(second, &[0.0; 9], &step);
            assert!(weights.iter().all(|point| point.values.iter().all(|w| w.is_finite())));
        }
        assert!(!all, "both said so");
    }

    #[test]
    fn decay_joins_the_unscaled_gradient() {
        let step = step(0.5, 0.1);
        let (mut descent, mut momentum) = (Sgd::ZERO, Momentum::<[f32; 1]>::ZERO);
        descent.init(SgdConfig { weight_decay: 0.25 });
        momentum.init(MomentumConfig { weight_decay: 0.25, ..MomentumConfig::new(0.9) });
        let mut weights = [Point { values: [2.0] }, Point { values: [2.0] }];
        let [first, second] = &mut weights;
        descent.step(first, &[10.0], &step);
        momentum.step(second, &[10.0], &step);
        // 2 - 0.5 (0.1 · 10 + 0.25 · 2): clipping does not reach the decay.
        assert_eq!(weights.map(|point| point.values), [[1.25]; 2]);
    }
}
