//! A pull towards other weights.

use super::anchor::Anchor;
use super::{Optimizer, Step};
use crate::core::archive::Archive;
use crate::core::params::flat::{window, window_mut};
use crate::core::params::{Leaf, Params};
use crate::core::setting::{Setting, Settings};
use crate::kernels::descent::are_small;

/// Any optimiser, with a pull of the weights towards those of an [`Anchor`]: the loss has μ/2 ‖θ - θ₀‖² more, the gradient μ (θ - θ₀).
/// It keeps devices that learn from different data near the model that they share (FedProx; Li et al. 2020,
/// [arXiv 1812.06127](https://arxiv.org/abs/1812.06127)), and a model near what it has learnt before (L2-SP; Li et al. 2018,
/// [arXiv 1802.01483](https://arxiv.org/abs/1802.01483)).
///
/// Clipping scales the gradient of the samples alone. [`Noisy`](super::Noisy) and [`Averaged`](super::Averaged) go around it.
pub struct Proximal<O, A> {
    optimizer: O,
    anchor: A,
    pull: f32,
}

/// How [`Proximal`] pulls, and where to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProximalConfig<C> {
    /// μ, at least 0.
    pub pull: f32,
    /// Settings of the anchor.
    pub anchor: C,
}

impl<C: Settings> Settings for ProximalConfig<C> {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Pull, &mut self.pull);
        self.anchor.visit(archive);
    }
}

impl<O: Optimizer, A: Anchor> Optimizer for Proximal<O, A> {
    type Config = (O::Config, ProximalConfig<A::Config>);

    const ZERO: Self = {
        assert!(
            !O::WHOLE_LEAVES,
            "the optimiser needs whole leaves, but gets pieces of them: write `Proximal<Adam<..>, ..>` or `Proximal<Sgd, ..>`"
        );
        Self { optimizer: O::ZERO, anchor: A::ZERO, pull: 0.0 }
    };
    const CAPACITY: usize = if O::CAPACITY < A::CAPACITY { O::CAPACITY } else { A::CAPACITY };
    const COPY_BYTES: usize = O::COPY_BYTES + A::COPY_BYTES;
    const IN_BLOCKS: bool = O::IN_BLOCKS;
    const RECORDS: bool = O::RECORDS;

    fn in_blocks(&self) -> bool {
        self.optimizer.in_blocks()
    }

    fn init(&mut self, (optimizer, config): Self::Config) {
        self.optimizer.init(optimizer);
        self.anchor.init(config.anchor);
        self.pull = config.pull;
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        self.optimizer.persist(trained, archive);
        archive.part("proximal");
        archive.setting(Setting::Pull, &mut self.pull);
        self.anchor.persist(trained, archive);
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
        self.anchor.begin();
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let Self { optimizer, anchor, pull } = self;
        let (mut all, in_blocks) = (true, optimizer.in_blocks());
        anchor.compare(leaf, weights, first, in_blocks, &mut |places, weights, anchor| {
            let mut pulled = [0.0; super::cuts::PIECE];
            let pulled = window_mut(&mut pulled, 0, weights.len());
            let gradient = window(gradient, places.start - first, weights.len());
            for (((sum, g), w), a) in pulled.iter_mut().zip(gradient).zip(&*weights).zip(anchor) {
                *sum = step.scale * g + *pull * (w - a);
            }
            // The norm of the gradient no longer says that no value is too large.
            let grad_norm = if are_small(pulled) { step.grad_norm } else { step.grad_norm.map(|_| f32::INFINITY) };
            let step = Step { scale: 1.0, grad_norm, ..*step };
            all &= optimizer.update(leaf, weights, places.start, pulled, &step);
        });
        all
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        self.optimizer.average()
    }

    fn skip<M: Params>(&mut self, weights: &mut M, gradient: &[f32]) {
        self.optimizer.skip(weights, gradient);
    }

    fn record(&self, bias: &[f32], inputs: &[f32], flat_below: f32) {
        self.optimizer.record(bias, inputs, flat_below);
    }
}

#[cfg(test)]
mod tests {
    use super::super::anchor::Copied;
    use super::super::tests::{Point, Probe, assert_near, hostile, pass_on, step, trajectory};
    use super::super::{Adam, AdamConfig, Block8, Momentum, MomentumConfig, Sgd, SgdConfig};
    use super::*;
    use crate::core::rng::{Key, Purpose};

    const PULL: ProximalConfig<()> = ProximalConfig { pull: 0.5, anchor: () };

    /// θ ← θ - η (g + μ (θ - θ₀)) in float64.
    #[test]
    fn descent_is_that_of_the_formula() {
        assert_near(
            trajectory::<Proximal<Sgd, Copied<[f32; 3]>>>((SgdConfig::default(), PULL), 0.1),
            [[0.99, -0.8, 0.499999999], [0.9705, -0.91, 0.499999999], [1.001975, -0.9645, 0.4999999981]],
            9e-8,
        );
    }

    #[test]
    fn without_a_pull_not_a_bit_changes() {
        fn weights<O: Optimizer>(config: O::Config) -> [f32; 70] {
            let (mut optimizer, mut weights) = (O::ZERO, Point { values: [0.5; 70] });
            optimizer.init(config);
            for seed in 0..5 {
                let gradient = core::array::from_fn::<f32, 70, _>(|i| libm::sinf((i as u64 * 7 + seed) as f32));
                let step = Step { key: Key::new(seed, Purpose::Rounding), ..step(1e-2, 1.0) };
                optimizer.step(&mut weights, &gradient, &step);
            }
            weights.values
        }
        fn same<O: Optimizer>(config: O::Config) {
            let none = ProximalConfig { pull: 0.0, ..PULL };
            assert_eq!(weights::<O>(config), weights::<Proximal<O, Copied<[f32; 70]>>>((config, none)));
        }
        same::<Sgd>(SgdConfig::default());
        same::<Adam<[f32; 70]>>(AdamConfig::adamw(0.1));
        same::<Adam<[Block8; 3]>>(AdamConfig::adam());
    }

    #[test]
    fn without_a_gradient_weights_go_to_the_anchor() {
        let (mut optimizer, mut weights) = (Proximal::<Sgd, Copied<[f32; 2]>>::ZERO, Point { values: [1.0, -2.0] });
        optimizer.init((SgdConfig::default(), PULL));
        optimizer.step(&mut weights, &[0.0; 2], &step(0.1, 1.0));
        weights.values = [3.0, 5.0];
        (0..300).for_each(|_| assert!(optimizer.step(&mut weights, &[0.0; 2], &step(0.1, 1.0))));
        assert!(
            (weights.values[0] - 1.0).abs() < 1e-5 && (weights.values[1] + 2.0).abs() < 1e-5,
            "{:?}",
            weights.values
        );
    }

    #[test]
    fn whatever_the_gradient_weights_are_finite() {
        const N: usize = 96;
        for pull in [0.5, 1e38] {
            let mut optimizer = Proximal::<Momentum<[f32; N]>, Copied<[f32; N]>>::ZERO;
            let mut weights = Point { values: [0.5; N] };
            optimizer.init((MomentumConfig::new(0.9), ProximalConfig { pull, anchor: () }));
            for seed in 0..200 {
                let gradient = hostile::<N>(seed);
                let norm = super::super::grad_norm(&gradient);
                optimizer.step(&mut weights, &gradient, &Step { grad_norm: Some(norm), ..step(1.0, 1.0) });
                assert!(weights.values.iter().all(|w| w.is_finite()), "{seed}: {:?}", weights.values);
            }
        }
    }

    #[test]
    fn the_optimiser_hears_of_skipped_steps_and_activations() {
        let Proximal { optimizer, .. } = pass_on::<Proximal<Probe, Copied<[f32; 2]>>>(((), PULL));
        assert_eq!((optimizer.skips, optimizer.records.get()), (1, 1));
    }
}
