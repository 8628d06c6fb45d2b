//! A rate from how far the weights have come.

use super::anchor::Anchor;
use super::{Optimizer, Step, grad_norm};
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::setting::{Setting, Settings};
use crate::kernels::arch::sqrt;
use crate::kernels::descent::{Descent, descend};

/// Gradient descent without a rate to choose: Distance over Gradients for each leaf (L-DoG; Ivgi et al. 2023,
/// [arXiv 2302.12022](https://arxiv.org/abs/2302.12022)) as the authors' code computes it. The rate of a leaf is the largest distance
/// that it has had from where it began, over the root of the sum of all squared gradients: η = c max ‖θ - θ₀‖ / √(ε + Σ‖g‖²).
///
/// The schedule gives c; it should be [`Schedule::constant(1.0)`](super::Schedule::constant), without a warm-up. The authors predict
/// with an average of the weights: [`Averaged`](super::Averaged). `A` is the [`Anchor`] that knows θ₀, and `LEAVES` the number of leaves
/// that are trained, `Net::LEAVES` at most, with 12 bytes for each.
pub struct LayerDog<A, const LEAVES: usize> {
    anchor: A,
    leaves: [Walked; LEAVES],
    config: DogConfig,
}

/// Hyper-parameters of [`LayerDog`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DogConfig {
    /// The distance that stands for those before the first step, above 0: this times 1 + ‖θ₀‖. It should be so small that the first step
    /// does no harm; the authors take 10⁻⁶, or 10⁻⁴ with batch normalisation.
    pub start: f32,
    /// ε, above 0: keeps the divisor from 0.
    pub eps: f32,
}

impl DogConfig {
    /// The authors' defaults.
    pub const fn new() -> Self {
        Self { start: 1e-6, eps: 1e-8 }
    }
}

impl Default for DogConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings for DogConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Start, &mut self.start);
        archive.setting(Setting::Epsilon, &mut self.eps);
    }
}

/// What a leaf has been through.
#[derive(Clone, Copy)]
struct Walked {
    /// Place of its first value, from 1; 0 if there is no leaf here.
    first: u32,
    /// Its largest distance from where it began.
    distance: f32,
    /// The sum of its squared gradients.
    squares: f32,
}

impl Walked {
    const NONE: Self = Self { first: 0, distance: 0.0, squares: 0.0 };

    fn persist(&mut self, archive: &mut Archive) {
        archive.count(&mut self.first);
        let mut values = [self.distance, self.squares];
        archive.finite(&mut values);
        [self.distance, self.squares] = values;
    }
}

impl<A: Anchor, const LEAVES: usize> Optimizer for LayerDog<A, LEAVES> {
    type Config = (DogConfig, A::Config);

    const ZERO: Self =
        Self { anchor: A::ZERO, leaves: [Walked::NONE; LEAVES], config: DogConfig { start: 0.0, eps: 0.0 } };
    const CAPACITY: usize = A::CAPACITY;
    const COPY_BYTES: usize = A::COPY_BYTES;
    const WHOLE_LEAVES: bool = true;

    fn init(&mut self, (config, anchor): Self::Config) {
        self.anchor.init(anchor);
        self.leaves.fill(Walked::NONE);
        self.config = config;
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        archive.part("layer-dog");
        self.config.visit(archive);
        self.leaves.iter_mut().for_each(|leaf| leaf.persist(archive));
        self.anchor.persist(trained, archive);
    }

    fn begin(&mut self, _: &Step) {
        self.anchor.begin();
    }

    /// A leaf for which there is no room stays as it is.
    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let Self { anchor, leaves, config, .. } = self;
        let mut squares = 0.0;
        anchor.compare(leaf, weights, first, false, &mut |_, weights, anchor| {
            squares = weights.iter().zip(anchor).fold(squares, |sum, (w, a)| sum + (w - a) * (w - a));
        });
        let place = first as u32 + 1;
        let Some(walked) = leaves.iter_mut().find(|walked| walked.first == 0 || walked.first == place) else {
            return false;
        };
        let next = if walked.first == 0 {
            let distance = config.start * (1.0 + grad_norm(weights));
            Walked { first: place, distance, squares: config.eps }
        } else {
            Walked { distance: walked.distance.max(sqrt(squares)), ..*walked }
        };
        let norm = step.scale * grad_norm(gradient);
        let next = Walked { squares: next.squares + norm * norm, ..next };
        if !(next.distance.is_finite() && next.squares.is_finite()) {
            return false;
        }
        *walked = next;
        let rate = step.lr * next.distance / sqrt(next.squares);
        descend(weights, gradient, &Descent { rate, scale: step.scale, decay: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::anchor::Copied;
    use super::super::tests::{Point, assert_near, hostile, step, trajectory};
    use super::*;

    type Dog<const N: usize> = LayerDog<Copied<[f32; N]>, 2>;

    /// `LDoG` of the authors' repository, formll/dog, in float64.
    #[test]
    fn it_is_the_authors() {
        assert_near(
            trajectory::<Dog<3>>((DogConfig { start: 1e-2, ..DogConfig::new() }, ()), 1.0),
            [
                [0.9987515596, -0.9750311916, 0.4999999999],
                [0.9965265888, -0.9861560455, 0.4999999999],
                [0.9997570675, -0.9915401767, 0.4999999998],
            ],
            9e-8,
        );
    }

    /// A square with slopes of any size: no rate to choose.
    #[test]
    fn it_finds_the_rate_by_itself() {
        for slope in [1e-3, 1.0, 1e3] {
            let (mut optimizer, mut weights) = (Dog::<1>::ZERO, [Point { values: [3.0] }, Point { values: [-4.0] }]);
            optimizer.init((DogConfig::new(), ()));
            for _ in 0..2000 {
                let gradient = [slope * (weights[0].values[0] - 1.0)];
                optimizer.begin(&step(1.0, 1.0));
                optimizer.step(&mut weights[0], &gradient, &step(1.0, 1.0));
            }
            assert!((weights[0].values[0] - 1.0).abs() < 1e-2, "{slope}: {}", weights[0].values[0]);
        }
    }

    #[test]
    fn leaves_have_rates_of_their_own_and_those_without_room_stay() {
        let mut optimizer = Dog::<3>::ZERO;
        optimizer.init((DogConfig { start: 0.5, eps: 1e-30 }, ()));
        let mut weights = [const { Point { values: [0.0] } }; 3];
        assert!(!optimizer.step(&mut weights, &[1e-3, 1e3, 1.0], &step(1.0, 1.0)));
        // The first step is as long as the distance at the start, whatever the gradient.
        assert_eq!(weights.map(|point| point.values[0]), [-0.5, -0.5, 0.0]);
    }

    #[test]
    fn whatever_the_gradient_weights_are_finite() {
        const N: usize = 96;
        for lr in [1.0, 1e30, f32::INFINITY, f32::NAN] {
            let (mut optimizer, mut weights) = (Dog::<N>::ZERO, Point { values: [0.5; N] });
            optimizer.init((DogConfig { start: 1.0, eps: 1e-30 }, ()));
            for seed in 0..200 {
                let gradient = hostile::<N>(seed);
                let all = optimizer.step(&mut weights, &gradient, &step(lr, 1.0));
                assert!(!all || gradient.iter().all(|g| g.is_finite()), "{seed}");
                assert!(weights.values.iter().all(|w| w.is_finite()), "{lr} {seed}");
                let Walked { distance, squares, .. } = optimizer.leaves[0];
                assert!(distance.is_finite() && squares.is_finite(), "{seed}");
            }
        }
    }
}
