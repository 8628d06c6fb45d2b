//! The inner loop of Adam.

use super::arch::{self, sqrt};
use super::moments::{Factors, step_singly};
use crate::core::params::flat::{window, window_mut};

/// What one Adam step multiplies with and adds, the same for every value of an array; and whether it refused any.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors(Factors);

impl AdamFactors {
    /// From the decay rates of the two moments, the factor that clips the gradient, the learning rate with both bias
    /// corrections, η √(1 - β₂ᵗ) / (1 - β₁ᵗ), and ε √(1 - β₂ᵗ), which counts as at least 2⁻⁴⁰.
    pub fn new([beta1, beta2]: [f32; 2], gradient_scale: f32, rate: f32, eps: f32) -> Self {
        let share = (1.0 - beta1) * gradient_scale;
        let root_share = sqrt(1.0 - beta2) * gradient_scale;
        // The quotient of a larger rate by the smallest product could be infinite; NaN is no rate either.
        let largest = if rate.abs() < LARGEST_RATE { LARGEST_PRODUCT } else { 0.0 };
        Self([beta1, share, root_share, beta2, eps.max(1.0 / SCALE), 1.0, SCALE, SCALE * rate, rate, largest, 0.0])
    }

    /// Sets the factor on each weight before the update (decoupled decay), which is 1 at first.
    pub fn set_shrink(&mut self, factor: f32) {
        let [.., shrink, _, _, _, _, _] = &mut self.0;
        *shrink = factor;
    }

    /// Gives every value a quotient of its own, and looks at each.
    pub fn look_at_each(&mut self) {
        let [.., largest, _] = &mut self.0;
        *largest = 0.0;
    }

    /// Whether a step left values as they were, with their moments, because they would not have been finite afterwards.
    pub fn refused(&self) -> bool {
        let [.., refused] = self.0;
        refused != 0.0
    }
}

/// Values that share a quotient.
pub const LANES: usize = 4;

/// One step for an array of weights by its gradient and its first and second moments, all of one length. Every four values
/// from its start share a quotient; each of the rest has its own. A value whose weight or moments would not be finite stays as
/// it is, and [`AdamFactors::refused`] tells of it.
#[inline(never)]
pub fn adam(
    weights: &mut [f32],
    gradient: &[f32],
    moment1: &mut [f32],
    moment2: &mut [f32],
    factors: &mut AdamFactors,
) {
    // Of one length, which is looked at once.
    let length = weights.len();
    let (gradient, moment1) = (window(gradient, 0, length), window_mut(moment1, 0, length));
    let moment2 = window_mut(moment2, 0, length);
    let (weights, weights_rest) = weights.as_chunks_mut::<LANES>();
    let (gradient, gradient_rest) = gradient.as_chunks::<LANES>();
    let (moment1, moment1_rest) = moment1.as_chunks_mut::<LANES>();
    let (moment2, moment2_rest) = moment2.as_chunks_mut::<LANES>();
    arch::adam(weights, gradient, moment1, moment2, &mut factors.0);
    if !weights_rest.is_empty() {
        step_singly(weights_rest, gradient_rest, moment1_rest, moment2_rest, &mut factors.0);
    }
}

/// Keeps products of divisors that are about ε from vanishing: 2⁴⁰.
const SCALE: f32 = (1_u64 << 40) as f32;

/// 2¹²⁶: of divisors that are 2900 in the mean.
const LARGEST_PRODUCT: f32 = f32::from_bits((127 + 126) << 23);

/// 2⁷. The smallest product is 2⁻⁸⁰, and a rate comes with a factor of 2⁴⁰.
const LARGEST_RATE: f32 = 128.0;

#[cfg(test)]
mod tests {
    use super::*;
    use core::array;

    const ETA: f32 = 1e-3;
    const EPS: f32 = 1e-8;

    /// Weights that were 0, after one step from these moments.
    fn step(gradient: &[f32], moment1: &mut [f32], moment2: &mut [f32]) -> [f32; 9] {
        let mut weights = [0.0; 9];
        adam(
            &mut weights[..gradient.len()],
            gradient,
            moment1,
            moment2,
            &mut AdamFactors::new([0.9, 0.999], 1.0, ETA, EPS),
        );
        weights
    }

    /// What the weights of one step from no moments should be.
    fn expected(g: f32) -> f64 {
        let g = f64::from(g);
        -f64::from(ETA) * (1.0 - f64::from(0.9_f32)) * g
            / ((1.0 - f64::from(0.999_f32)).sqrt() * g.abs() + f64::from(EPS))
    }

    #[test]
    fn neighbours_of_any_size_share_a_quotient_and_lose_no_digits() {
        let sizes = [0.0, 1e-33, -1e-20, 1e-9, -1e-4, 1.0, 3e4, -1e12, 1.8e19];
        for index in 0..sizes.len().pow(4) {
            let gradient: [f32; 4] = array::from_fn(|i| sizes[index / sizes.len().pow(i as u32) % sizes.len()]);
            let weights = step(&gradient, &mut [0.0; 4], &mut [0.0; 4]);
            for (weight, g) in weights.into_iter().zip(gradient) {
                let expected = expected(g);
                assert!((f64::from(weight) - expected).abs() <= 6e-7 * expected.abs(), "{gradient:?}: {weights:?}");
            }
        }
    }

    #[test]
    fn what_is_left_moves_as_far_as_what_shares_a_quotient() {
        let gradient: [f32; 9] = array::from_fn(|i| libm::sinf(i as f32 + 0.5));
        for count in 0..=9 {
            let weights = step(&gradient[..count], &mut [0.0; 9][..count], &mut [0.0; 9][..count]);
            for (weight, g) in weights.into_iter().zip(&gradient[..count]) {
                assert!((f64::from(weight) / expected(*g) - 1.0).abs() < 6e-7, "{count}: {weights:?}");
            }
            assert!(weights[count..].iter().all(|weight| *weight == 0.0));
        }
    }

    #[test]
    fn what_would_not_be_finite_stays_as_it_is() {
        let usual = step(&[0.5; 8], &mut [0.0; 8], &mut [0.0; 8])[0];
        for place in 0..7 {
            for bad in [1e30, f32::MAX, f32::NEG_INFINITY, f32::NAN] {
                let (mut weights, mut moment1, mut moment2) = ([0.25; 7], [0.0; 7], [0.0; 7]);
                let mut factors = AdamFactors::new([0.9, 0.999], 1.0, ETA, EPS);
                let mut gradient = [0.5; 7];
                gradient[place] = bad;
                adam(&mut weights, &gradient, &mut moment1, &mut moment2, &mut factors);
                assert!(factors.refused());
                for i in 0..7 {
                    let untouched = [weights[i], moment1[i], moment2[i]] == [0.25, 0.0, 0.0];
                    let moved = (weights[i] - 0.25 - usual).abs() < 1e-7 && moment1[i] > 0.0 && moment2[i] > 0.0;
                    assert!(if i == place { untouched } else { moved }, "{bad} at {place}: {weights:?}");
                }
            }
        }
    }

    #[test]
    fn no_rate_is_too_large() {
        for rate in [127.0, 200.0, 1e6, 1e30, f32::MAX, f32::INFINITY, f32::NAN] {
            let mut factors = AdamFactors::new([0.9, 0.999], 1.0, rate, 0.0);
            let (mut weights, mut moment1) = ([0.5; 6], [1e-20; 6]);
            adam(&mut weights, &[0.0; 6], &mut moment1, &mut [1e-42; 6], &mut factors);
            assert!(weights.iter().all(|w| w.is_finite()), "{rate}: {weights:?}");
        }
    }

    #[test]
    fn the_smallest_eps_keeps_four_from_vanishing() {
        let mut factors = AdamFactors::new([0.9, 0.999], 1.0, 200.0, 1e-30);
        let (mut weights, mut moment1) = ([0.0; 4], [0.0, 1e-42, 1e-20, 0.0]);
        adam(&mut weights, &[0.0; 4], &mut moment1, &mut [0.0, 0.0, 0.0, 1e-42], &mut factors);
        assert_eq!([weights[0], weights[3]], [0.0; 2]);
        assert!(weights[1] < 0.0 && weights[1] > -1e-26, "{weights:?}");
        let expected = -200.0 * 0.9e-20 * SCALE;
        assert!((weights[2] / expected - 1.0).abs() < 6e-7, "{weights:?}");
    }
}
