//! Adam and AdamW.

mod config;
#[cfg(test)]
mod finite;

pub(super) use config::shrink;
pub use config::{AdamConfig, WeightDecay};

use super::{Optimizer, State, Step};
use crate::core::archive::Archive;
use crate::core::params::flat::{window, window_mut};
use crate::core::params::{Leaf, Params};
use crate::core::setting::Settings as _;
use crate::kernels::adam::{AdamFactors, LANES, adam};
use crate::kernels::arch::sqrt;

/// Adam (Kingma and Ba, 2015) as PyTorch computes it, with ε added after the bias correction:
/// θ ← θ - η/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε).
///
/// `S` holds the moving averages, for example `[f32; Net::TRAINABLE]`; [`State`] lists what there is.
pub struct Adam<S: State> {
    /// Moving average of the gradient.
    moment1: S,
    /// Moving average of the squared gradient.
    moment2: S::NonNegative,
    /// The same two moving averages of the constant 1, which are 1 - β₁ᵗ and 1 - β₂ᵗ: what the moments still miss
    /// because they started at 0. They round as the moments do, and lose no digits while β₂ᵗ is close to 1.
    corrections: [f32; 2],
    config: AdamConfig,
}

impl<S: State> Optimizer for Adam<S> {
    type Config = AdamConfig;

    const ZERO: Self = Self {
        moment1: S::ZERO,
        moment2: S::NonNegative::ZERO,
        corrections: [0.0; 2],
        config: AdamConfig { betas: [0.0; 2], eps: 0.0, weight_decay: WeightDecay::None },
    };
    const CAPACITY: usize = S::CAPACITY;
    const IN_BLOCKS: bool = S::IN_BLOCKS;

    fn init(&mut self, config: AdamConfig) {
        self.moment1.clear();
        self.moment2.clear();
        self.corrections = [0.0; 2];
        self.config = config;
        if !S::KEPT {
            self.config.betas[0] = 0.0;
        }
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        archive.part("adam");
        self.config.visit(archive);
        archive.finite(&mut self.corrections);
        self.moment1.persist(trained, archive);
        self.moment2.persist(trained, archive);
    }

    fn begin(&mut self, _: &Step) {
        for (correction, beta) in self.corrections.iter_mut().zip(self.config.betas) {
            *correction = beta * *correction + (1.0 - beta);
        }
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let mut factors = self.factors(step);
        self.update_by(&mut factors, leaf, weights, first, gradient, step);
        !factors.refused()
    }

    /// Computes the factors once for all leaves.
    fn step<M: Params>(&mut self, weights: &mut M, gradient: &[f32], step: &Step) -> bool {
        self.begin(step);
        let mut factors = self.factors(step);
        weights.walk_trained(&mut |leaf, weights, first| {
            let gradient = window(gradient, first, weights.len());
            self.update_by(&mut factors, leaf, weights, first, gradient, step);
        });
        !factors.refused()
    }
}

impl<S: State> Adam<S> {
    /// What this step multiplies with, but for the decay of a leaf.
    fn factors(&self, step: &Step) -> AdamFactors {
        let [correction1, correction2] = self.corrections;
        let root = sqrt(correction2);
        // With coupled decay the gradient is scaled before.
        let scale = if self.config.weight_decay.coupled().is_some() { 1.0 } else { step.scale };
        let rate = step.lr * root / correction1;
        let mut factors = AdamFactors::new(self.config.betas, scale, rate, self.config.eps * root);
        if let WeightDecay::Decoupled(decay) = self.config.weight_decay
            && !(0.0..=2.0).contains(&(step.lr * decay))
        {
            // Weights might grow by it.
            factors.look_at_each();
        }
        factors
    }

    #[inline(never)]
    fn update_by(
        &mut self,
        factors: &mut AdamFactors,
        leaf: &Leaf,
        weights: &mut [f32],
        first: usize,
        gradient: &[f32],
        step: &Step,
    ) {
        let Self { moment1, moment2, config, .. } = self;
        factors.set_shrink(config.weight_decay.shrink(leaf, step.lr));
        let [key1, key2] = [step.key.child(0), step.key.child(1)];
        moment1.edit(first..first + weights.len(), key1, &mut |outer, moment1| {
            moment2.edit(outer.clone(), key2, &mut |inner, moment2| {
                let (here, length) = (inner.start - first, inner.len());
                let (weights, gradient) = (window_mut(weights, here, length), window(gradient, here, length));
                let moment1 = window_mut(moment1, inner.start - outer.start, length);
                if let Some(decay) = config.weight_decay.coupled() {
                    coupled(weights, gradient, moment1, moment2, [step.scale, decay], factors);
                } else {
                    adam(weights, gradient, moment1, moment2, factors);
                }
            });
        });
    }
}

/// [`adam`] with the gradient scaled and this share of the weights added to it, [`AT_A_TIME`] values at a time.
#[inline(never)]
fn coupled(
    weights: &mut [f32],
    gradient: &[f32],
    moment1: &mut [f32],
    moment2: &mut [f32],
    [scale, decay]: [f32; 2],
    factors: &mut AdamFactors,
) {
    let (weights, weights_rest) = weights.as_chunks_mut::<AT_A_TIME>();
    let (gradient, gradient_rest) = gradient.as_chunks::<AT_A_TIME>();
    let (moment1, moment1_rest) = moment1.as_chunks_mut::<AT_A_TIME>();
    let (moment2, moment2_rest) = moment2.as_chunks_mut::<AT_A_TIME>();
    for (((weights, gradient), moment1), moment2) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        coupled_few(weights, gradient, moment1, moment2, [scale, decay], factors);
    }
    coupled_few(weights_rest, gradient_rest, moment1_rest, moment2_rest, [scale, decay], factors);
}

/// Values for which [`coupled`] makes room on the stack: whole groups that share a quotient.
const AT_A_TIME: usize = 4 * LANES;

/// The same for at most [`AT_A_TIME`] values.
#[inline(never)]
fn coupled_few(
    weights: &mut [f32],
    gradient: &[f32],
    moment1: &mut [f32],
    moment2: &mut [f32],
    [scale, decay]: [f32; 2],
    factors: &mut AdamFactors,
) {
    let mut sum = [0.0; AT_A_TIME];
    for ((sum, g), w) in sum.iter_mut().zip(gradient).zip(&*weights) {
        *sum = scale * g + decay * w;
    }
    adam(weights, window(&sum, 0, weights.len()), moment1, moment2, factors);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, assert_near, step, trajectory};
    use super::*;
    use crate::core::params::{Init, Role};
    use crate::nn::layer::Linear;

    #[test]
    fn adam_is_pytorchs() {
        // The third gradient is as small as ε: PyTorch moves by η/2, the paper's other form by η/32.
        assert_near(
            trajectory::<Adam<[f32; 3]>>(AdamConfig::default(), 1e-3),
            [
                [0.9990000001, -0.999, 0.4995],
                [0.9980348181, -0.998733663, 0.4992224935],
                [0.9981014171, -0.9986722741, 0.4988548095],
            ],
            9e-8,
        );
    }

    #[test]
    fn no_coupled_decay_is_none_to_the_last_bit() {
        let one_step = |weight_decay| {
            let (mut optimizer, mut weights) = (Adam::<[f32; 5]>::ZERO, Point { values: [0.3; 5] });
            optimizer.init(AdamConfig { weight_decay, ..AdamConfig::adam() });
            optimizer.step(&mut weights, &[0.1, -0.7, 1e-3, 3.3, 0.9], &step(1.25e-3, 0.757));
            weights.values.map(f32::to_bits)
        };
        assert_eq!(one_step(WeightDecay::Coupled(0.0)), one_step(WeightDecay::None));
    }

    #[test]
    fn coupled_decay_is_pytorchs() {
        let config = AdamConfig { weight_decay: WeightDecay::Coupled(0.1), ..AdamConfig::adam() };
        assert_near(
            trajectory::<Adam<[f32; 3]>>(config, 1e-3),
            [
                [0.9990000001, -0.999, 0.4990000002],
                [0.9980091705, -0.998677459, 0.4980000531],
                [0.9976500104, -0.9985421754, 0.4970001938],
            ],
            9e-8,
        );
    }

    #[test]
    fn adamw_is_pytorchs() {
        assert_near(
            trajectory::<Adam<[f32; 3]>>(AdamConfig::adamw(0.01), 1e-3),
            [
                [0.9989900001, -0.99899, 0.499495],
                [0.9980148282, -0.9987136731, 0.4992124985],
                [0.9980714471, -0.9986422971, 0.4988398224],
            ],
            9e-8,
        );
    }

    struct Layer {
        linear: Linear<2, 3>,
        scale: [f32; 3],
    }
    crate::params! {
        [] Layer {
            linear: tree(Linear<2, 3>, "linear"),
            scale: leaf(Role::Norm, [3], Init::Constant(1.0)),
        }
    }

    /// One step from all ones with no gradient: what is left is the decay.
    fn decayed(weight_decay: WeightDecay) -> Layer {
        let (mut optimizer, mut weights) = (Adam::<[f32; Layer::TRAINABLE]>::ZERO, Layer::ZERO);
        optimizer.init(AdamConfig { weight_decay, ..AdamConfig::adam() });
        weights.walk(&mut |_, values| values.fill(1.0));
        optimizer.step(&mut weights, &[0.0; Layer::TRAINABLE], &step(0.5, 1.0));
        weights
    }

    #[test]
    fn only_coupled_decay_touches_biases_and_norms() {
        let decoupled = decayed(WeightDecay::Decoupled(0.1));
        assert_eq!(decoupled.linear.weight, [[0.95; 2]; 3]);
        assert_eq!((decoupled.linear.bias, decoupled.scale), ([1.0; 3], [1.0; 3]));
        let coupled = decayed(WeightDecay::Coupled(0.1));
        coupled.read(&mut |leaf, values| assert!(values.iter().all(|w| (w - 0.5).abs() < 1e-6), "{}", leaf.path));
        let none = decayed(WeightDecay::None);
        assert_eq!((none.linear.weight, none.linear.bias, none.scale), ([[1.0; 2]; 3], [1.0; 3], [1.0; 3]));
    }

    #[test]
    fn agrees_with_f64_over_a_long_run() {
        const LR: f32 = 1e-3;
        let (mut optimizer, mut weights) = (Adam::<[f32; 1]>::ZERO, Point { values: [0.5] });
        optimizer.init(AdamConfig::adam());
        let (mut w, mut m, mut v) = (0.5, 0.0, 0.0);
        for t in 1..=20_000 {
            let gradient = 0.1 + ((t * 7919) % 1000) as f32 / 500.0;
            optimizer.step(&mut weights, &[gradient], &step(LR, 1.0));
            let g = f64::from(gradient);
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let root = f64::sqrt(v / (1.0 - 0.999_f64.powi(t)));
            w -= f64::from(LR) * (m / (1.0 - 0.9_f64.powi(t))) / (root + 1e-8);
        }
        let [got] = weights.values;
        assert!(((f64::from(got) - w) / (w - 0.5)).abs() < 2e-5, "{got} instead of {w}");
    }

    #[test]
    fn a_second_init_starts_afresh() {
        let mut optimizer = Adam::<[f32; 1]>::ZERO;
        let mut run = |_| {
            let mut weights = Point { values: [1.0] };
            optimizer.init(AdamConfig::adam());
            for _ in 0..3 {
                optimizer.step(&mut weights, &[3.0], &step(0.1, 1.0));
            }
            weights.values
        };
        assert_eq!(run(0), run(1));
    }
}
