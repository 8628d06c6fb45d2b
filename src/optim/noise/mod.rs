//! Noise on updates.

mod draw;
mod schedule;

pub use schedule::{Distribution, Gate, NoiseConfig, NoiseShape, Unit};

use super::{Optimizer, Step, grad_norm};
use crate::core::archive::Archive;
use crate::core::params::{Leaf, Params, Role};
use crate::core::setting::Settings as _;
use crate::kernels::arch::sqrt;

/// Any optimiser with noise on its updates: θ ← θ + Δ + η σ ξ, where Δ is the optimiser's own, η the learning rate, σ that of
/// [`NoiseConfig`] and ξ random with deviation 1. Noise on the update, where Adam's scaling of the gradient does not reach it.
/// Only leaves of [`Role::Weight`] get any.
///
/// The noise of a weight depends on the run's seed, the step and the weight's place: board and desktop draw the same, and
/// without noise (σ = 0) the bits are those of the optimiser alone.
pub struct Noisy<O> {
    optimizer: O,
    config: NoiseConfig,
    /// η σ of this update.
    amplitude: f32,
    /// Moving average of the gradient's norm.
    usual_norm: f32,
    /// Updates since the gate was open.
    waited: u32,
}

/// Share of its past that the average of the gradient's norm keeps.
const KEPT: f32 = 0.99;
/// 2⁶⁴: no larger noise is added. It is nothing beside a weight that could become infinite by it.
const LARGEST: f32 = (1_u128 << 64) as f32;
/// The optimiser's own random numbers are the children before this one.
const CHILD: u64 = 1 << 32;

impl<O> Noisy<O> {
    fn sigma(&mut self, step: &Step) -> f32 {
        match (self.config.gate, step.grad_norm) {
            (None, _) => self.config.at(step.index),
            // Whether the gradient is small is not known, so the gate stays shut.
            (Some(_), None) => 0.0,
            (Some(gate), Some(norm)) => self.gated(gate, norm, step.index),
        }
    }

    fn gated(&mut self, gate: Gate, norm: f32, index: u32) -> f32 {
        let usual = if self.waited == 0 && self.usual_norm == 0.0 { norm } else { self.usual_norm };
        self.usual_norm = KEPT * usual + (1.0 - KEPT) * norm;
        self.waited = self.waited.saturating_add(1);
        if index >= self.config.end || self.waited <= gate.patience || norm > gate.threshold * usual {
            return 0.0;
        }
        self.waited = 0;
        self.config.sigma
    }
}

impl<O: Optimizer> Optimizer for Noisy<O> {
    type Config = (O::Config, NoiseConfig);

    const ZERO: Self = Self {
        optimizer: O::ZERO,
        config: NoiseConfig {
            sigma: 0.0,
            warmup: 0,
            shape: NoiseShape::Root { from: 0, fade: 0 },
            end: 0,
            law: Distribution::Rademacher,
            unit: Unit::Rate,
            gate: None,
        },
        amplitude: 0.0,
        usual_norm: 0.0,
        waited: 0,
    };
    const CAPACITY: usize = O::CAPACITY;
    const COPY_BYTES: usize = O::COPY_BYTES;
    const IN_BLOCKS: bool = O::IN_BLOCKS;
    const WHOLE_LEAVES: bool = O::WHOLE_LEAVES;
    const RECORDS: bool = O::RECORDS;

    fn in_blocks(&self) -> bool {
        self.optimizer.in_blocks()
    }

    fn init(&mut self, (optimizer, config): Self::Config) {
        self.optimizer.init(optimizer);
        (self.config, self.amplitude, self.usual_norm, self.waited) = (config, 0.0, 0.0, 0);
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        self.optimizer.persist(trained, archive);
        archive.part("noise");
        self.config.visit(archive);
        archive.any(core::slice::from_mut(&mut self.usual_norm));
        archive.count(&mut self.waited);
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
        self.amplitude = step.lr * self.sigma(step);
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let all = self.optimizer.update(leaf, weights, first, gradient, step);
        if self.amplitude == 0.0 || leaf.role != Role::Weight {
            return all;
        }
        let unit = match self.config.unit {
            Unit::Rate => 1.0,
            Unit::Gradient => step.scale * grad_norm(gradient) / sqrt(gradient.len() as f32),
        };
        let amplitude = self.amplitude * unit;
        // Not so if it is not a number.
        let fits = amplitude.abs() < LARGEST;
        if fits {
            let mut stream = step.key.child(CHILD).child(first as u64).stream();
            draw::add(weights, self.config.law, amplitude, &mut stream);
        }
        all & fits
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
    use super::super::tests::{Point, Probe, pass_on, step};
    use super::super::{Adam, AdamConfig, Sgd, SgdConfig};
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use crate::nn::layer::Linear;

    type Layer = Linear<6, 5>;

    fn steps<O: Optimizer>(config: O::Config, count: u32) -> Layer {
        let (mut optimizer, mut layer) = (O::ZERO, Layer::ZERO);
        optimizer.init(config);
        for index in 0..count {
            let key = Key::new(3, Purpose::Rounding).child(u64::from(index));
            optimizer.step(&mut layer, &[0.25; Layer::TRAINABLE], &Step { key, index, ..step(0.01, 0.5) });
        }
        layer
    }

    fn constant(sigma: f32) -> NoiseConfig {
        NoiseConfig { shape: NoiseShape::Root { from: 1000, fade: 1000 }, end: 1000, ..NoiseConfig::new(sigma, 0, 0) }
    }

    #[test]
    fn only_matrices_are_moved_and_without_noise_not_a_bit_changes() {
        let plain = steps::<Adam<[f32; Layer::TRAINABLE]>>(AdamConfig::adam(), 9);
        let still = steps::<Noisy<Adam<[f32; Layer::TRAINABLE]>>>((AdamConfig::adam(), constant(0.0)), 9);
        assert_eq!((plain.weight, plain.bias), (still.weight, still.bias));
        let moved = steps::<Noisy<Adam<[f32; Layer::TRAINABLE]>>>((AdamConfig::adam(), constant(0.5)), 9);
        assert_eq!(plain.bias, moved.bias);
        assert!(plain.weight.as_flattened().iter().zip(moved.weight.as_flattened()).all(|(a, b)| a != b));
    }

    #[test]
    fn the_optimiser_hears_of_skipped_steps_and_activations() {
        let Noisy { optimizer, .. } = pass_on::<Noisy<Probe>>(((), constant(0.5)));
        assert_eq!((optimizer.skips, optimizer.records.get()), (1, 1));
    }

    #[test]
    fn one_step_is_off_by_rate_times_sigma() {
        let plain = steps::<Sgd>(SgdConfig::default(), 1);
        for (unit, size) in [(Unit::Rate, 0.01 * 0.5), (Unit::Gradient, 0.01 * 0.5 * 0.5 * 0.25)] {
            let noisy = steps::<Noisy<Sgd>>((SgdConfig::default(), NoiseConfig { unit, ..constant(0.5) }), 1);
            for (a, b) in plain.weight.as_flattened().iter().zip(noisy.weight.as_flattened()) {
                assert!(((a - b).abs() - size).abs() < 1e-8, "{unit:?}: {a} {b}");
            }
        }
    }

    #[test]
    fn the_last_step_is_the_optimisers_own() {
        let config = NoiseConfig { end: 9, ..constant(0.5) };
        let (mut optimizer, mut a) = (Noisy::<Sgd>::ZERO, Point { values: [1.0, 2.0, 3.0] });
        optimizer.init((SgdConfig::default(), config));
        for index in 0..10 {
            let before = a.values;
            optimizer.step(&mut a, &[0.5; 3], &Step { index, ..step(0.25, 1.0) });
            assert_eq!(a.values == before.map(|w| w - 0.125), index == 9, "{index}");
        }
    }

    #[test]
    fn leaves_have_noise_of_their_own() {
        let (mut optimizer, mut points) = (Noisy::<Sgd>::ZERO, [const { Point { values: [0.0; 32] } }; 2]);
        optimizer.init((SgdConfig::default(), constant(1.0)));
        optimizer.step(&mut points, &[0.0; 64], &step(1.0, 1.0));
        assert_ne!(points[0].values, points[1].values);
    }

    /// The norms of a run in which the gradient is small for a while, and when the gate opens.
    #[test]
    fn a_gate_opens_at_small_gradients_and_not_too_often() {
        let gate = Some(Gate { threshold: 0.5, patience: 3 });
        let (mut optimizer, mut point) = (Noisy::<Sgd>::ZERO, Point { values: [0.0; 1] });
        let norms = [1.0, 0.1, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 1.0, 1.0, 1.0, 0.9, 0.1, 0.1];
        // In the last step of a run it stays shut, however small the gradient.
        for (end, expected) in [(14, &[4, 8, 13][..]), (13, &[4, 8])] {
            optimizer.init((SgdConfig::default(), NoiseConfig { gate, end, ..constant(1.0) }));
            let open = (0..).zip(norms).filter(|(index, norm)| {
                point.values = [0.0];
                let step = Step { index: *index, grad_norm: Some(*norm), ..step(1.0, 1.0) };
                optimizer.step(&mut point, &[0.0], &step);
                point.values != [0.0]
            });
            assert_eq!(open.map(|(index, _)| index).collect::<std::vec::Vec<_>>(), expected);
            optimizer.step(&mut point, &[0.0], &step(1.0, 1.0));
            assert_eq!(optimizer.amplitude, 0.0, "without the norm it stays shut");
        }
    }
}
