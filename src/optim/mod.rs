//! Optimisers, gradient clipping and learning-rate schedules.
//!
//! One update: [`grad_norm`] of the accumulated gradient (not finite: skip this update), [`clip_scale`] of the norm,
//! [`Schedule::lr`] of the number of updates so far, and both into [`Optimizer::step`]. No gradient is rewritten on
//! the way: the optimiser itself multiplies by the clipping factor as it reads.

mod adam;
mod clip;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamConfig, WeightDecay};
pub use clip::{clip_scale, grad_norm};
pub use schedule::{Schedule, Shape};
pub use sgd::{Momentum, MomentumConfig, Sgd, SgdConfig};

use crate::params::Params;

/// How far and how one update goes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step {
    /// Learning rate of this update.
    pub lr: f32,
    /// Factor on every gradient before it is used, from [`clip_scale`]; 1 leaves it as it is.
    pub scale: f32,
}

/// Changes weights by their gradient, with a state of its own for each weight if it needs one.
pub trait Optimizer<M: Params>: Sized {
    /// Hyper-parameters other than the learning rate.
    type Config: Copy;

    /// All-zero bits, so that a `static` lands in `.bss`; call [`init`](Self::init) before the first step.
    const ZERO: Self;
    /// RAM of moments, counters and hyper-parameters in bytes.
    const STATE_BYTES: usize = size_of::<Self>();

    /// Sets the hyper-parameters and clears moments and counters.
    fn init(&mut self, config: Self::Config);

    /// One update of `weights` by `grads`, which stay as they are (a walk borrows all its trees alike).
    fn step(&mut self, weights: &mut M, grads: &mut M, step: Step);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Linear;
    use crate::params::{Init, Role};

    /// `N` weights on their own.
    pub struct Point<const N: usize> {
        pub values: [f32; N],
    }
    crate::params! {
        [const N: usize] Point<N> { values: leaf(Role::Weight, [N], Init::Constant(0.0)) }
    }

    /// Runs the three gradients of the reference table from the same start and gives the weights after each.
    pub fn trajectory<O: Optimizer<Point<3>>>(config: O::Config, lr: f32) -> [[f32; 3]; 3] {
        let mut optimizer = O::ZERO;
        optimizer.init(config);
        let mut weights = Point { values: [1.0, -1.0, 0.5] };
        [[0.1, -2.0, 1e-8], [0.2, 1.0, 0.0], [-0.3, 0.5, 1e-8]].map(|values| {
            let mut grads = Point { values };
            optimizer.step(&mut weights, &mut grads, Step { lr, scale: 1.0 });
            assert_eq!(grads.values, values, "the gradient belongs to the caller");
            weights.values
        })
    }

    pub fn assert_near(got: [[f32; 3]; 3], expected: [[f64; 3]; 3], tolerance: f64) {
        for (got, expected) in got.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((f64::from(*got) - expected).abs() <= tolerance, "{got} instead of {expected}");
        }
    }

    type Net = (Linear<3, 2>, [Point<2>; 3], Linear<2, 1>);

    fn after_one_step<O: Optimizer<Net>>(config: O::Config, step: Step) -> Net {
        let mut optimizer = O::ZERO;
        optimizer.init(config);
        let (mut weights, mut grads) = (Net::ZERO, Net::ZERO);
        Net::walk([&mut grads], &mut |_, [grads]| grads.fill(2.0));
        optimizer.step(&mut weights, &mut grads, step);
        weights
    }

    fn assert_everywhere(weights: &Net, expected: f32) {
        let mut count = 0;
        weights.read(&mut |leaf, values| {
            count += values.len();
            assert!(values.iter().all(|w| (w - expected).abs() < 1e-8), "{} {values:?}", leaf.path);
        });
        assert_eq!(count, Net::COUNT);
    }

    #[test]
    fn a_step_moves_every_leaf_exactly_once() {
        let step = Step { lr: 0.01, scale: 1.0 };
        assert_everywhere(&after_one_step::<Adam<Net>>(AdamConfig::adam(), step), -0.01);
        assert_everywhere(&after_one_step::<Sgd>(SgdConfig::default(), step), -0.02);
        assert_everywhere(&after_one_step::<Momentum<Net>>(MomentumConfig::new(0.9), step), -0.02);
    }

    #[test]
    fn clipping_reaches_the_weights() {
        let mut grads = Net::ZERO;
        Net::walk([&mut grads], &mut |_, [grads]| grads.fill(2.0));
        let scale = clip_scale(grad_norm(&grads), 1.0);
        let step = Step { lr: 1.0, scale };
        for moved in [
            after_one_step::<Sgd>(SgdConfig::default(), step),
            after_one_step::<Momentum<Net>>(MomentumConfig::new(0.9), step),
        ] {
            assert!((grad_norm(&moved) - 1.0).abs() < 1e-6, "the displacement at a rate of 1 is the clipped gradient");
        }
        // Adam's update hardly sees a common factor; its moments do.
        let (mut adam, mut weights) = (Adam::<Net>::ZERO, Net::ZERO);
        adam.init(AdamConfig::adam());
        adam.step(&mut weights, &mut grads, step);
        assert!((grad_norm(&adam.moment1) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn warm_up_reaches_the_weights() {
        let schedule = Schedule { lr: 0.1, warmup: 4, shape: Shape::Constant };
        for (step, lr) in [0.025, 0.05, 0.075, 0.1, 0.1].into_iter().enumerate() {
            let step = Step { lr: schedule.lr(step as u32), scale: 1.0 };
            assert_everywhere(&after_one_step::<Sgd>(SgdConfig::default(), step), -2.0 * lr);
        }
    }

    #[test]
    fn state_is_counted_in_copies_of_the_weights() {
        let copy = size_of::<Net>();
        assert_eq!(copy, 4 * Net::COUNT);
        assert_eq!(<Sgd as Optimizer<Net>>::STATE_BYTES, 4);
        assert_eq!(Momentum::<Net>::STATE_BYTES.div_euclid(copy), 1);
        assert_eq!(Adam::<Net>::STATE_BYTES.div_euclid(copy), 2);
    }
}
