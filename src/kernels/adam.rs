//! The inner loop of Adam.

use core::array;

use super::arch::{self, sqrt};
use super::moments::advance;

/// What one Adam step multiplies with and adds, the same for every value of an array.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors([f32; 10]);

impl AdamFactors {
    /// From the decay rates of the two moments, the factor that clips the gradient, the learning rate with both bias
    /// corrections, η √(1 - β₂ᵗ) / (1 - β₁ᵗ), and ε √(1 - β₂ᵗ), which counts as at least 2⁻⁴⁰.
    pub fn new([beta1, beta2]: [f32; 2], gradient_scale: f32, rate: f32, eps: f32) -> Self {
        let share = (1.0 - beta1) * gradient_scale;
        let root_share = sqrt(1.0 - beta2) * gradient_scale;
        Self([beta1, share, root_share, beta2, eps.max(1.0 / SCALE), 1.0, SCALE, SCALE * rate, rate, LARGEST_PRODUCT])
    }

    /// Sets the factor on each weight before the update (decoupled decay), which is 1 at first.
    pub fn set_shrink(&mut self, factor: f32) {
        let [.., shrink, _, _, _, _] = &mut self.0;
        *shrink = factor;
    }
}

/// Values that share a quotient.
pub const LANES: usize = 4;

/// One step for an array of weights by its gradient and its first and second moments, all of one length. Every four values
/// from its start share a quotient; each of the rest has its own.
#[inline(never)]
pub fn adam(weights: &mut [f32], gradient: &[f32], moment1: &mut [f32], moment2: &mut [f32], factors: &AdamFactors) {
    debug_assert!([gradient.len(), moment1.len(), moment2.len()] == [weights.len(); 3]);
    let (weights, weights_rest) = weights.as_chunks_mut::<LANES>();
    let (gradient, gradient_rest) = gradient.as_chunks::<LANES>();
    let (moment1, moment1_rest) = moment1.as_chunks_mut::<LANES>();
    let (moment2, moment2_rest) = moment2.as_chunks_mut::<LANES>();
    arch::adam(weights, gradient, moment1, moment2, &factors.0);
    if !weights_rest.is_empty() {
        step_singly(weights_rest, gradient_rest, moment1_rest, moment2_rest, &factors.0);
    }
}

/// A function of its own, so that registers are saved only where there is a rest.
#[inline(never)]
fn step_singly(weights: &mut [f32], gradient: &[f32], moment1: &mut [f32], moment2: &mut [f32], factors: &[f32; 10]) {
    let [.., eps, shrink, _, _, rate, _] = *factors;
    for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        advance(&[*g], array::from_mut(m), array::from_mut(v), factors);
        *w = shrink * *w - rate * *m / (sqrt(*v) + eps);
    }
}

/// Keeps products of divisors that are about ε from vanishing: 2⁴⁰.
const SCALE: f32 = (1_u64 << 40) as f32;

/// 2¹²⁶: of divisors that are 2900 in the mean.
const LARGEST_PRODUCT: f32 = f32::from_bits((127 + 126) << 23);

#[cfg(test)]
mod tests {
    use super::*;

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
            &AdamFactors::new([0.9, 0.999], 1.0, ETA, EPS),
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
    fn what_is_not_finite_keeps_to_its_place() {
        let usual = step(&[0.5; 8], &mut [0.0; 8], &mut [0.0; 8])[0];
        for place in 0..4 {
            for (bad, moves) in [(1e30, Some(0.0)), (f32::NAN, None)] {
                let mut gradient = [0.5; 8];
                gradient[place] = bad;
                for (i, weight) in step(&gradient, &mut [0.0; 8], &mut [0.0; 8])[..8].iter().enumerate() {
                    match moves {
                        _ if i != place => assert!((weight / usual - 1.0).abs() < 6e-7, "{weight}"),
                        Some(to) => assert_eq!(*weight, to, "its square is infinite"),
                        None => assert!(weight.is_nan()),
                    }
                }
            }
        }
    }

    #[test]
    fn the_smallest_eps_keeps_four_from_vanishing() {
        let factors = AdamFactors::new([0.9, 0.999], 1.0, 200.0, 1e-30);
        let (mut weights, mut moment1) = ([0.0; 4], [0.0, 1e-42, 1e-20, 0.0]);
        adam(&mut weights, &[0.0; 4], &mut moment1, &mut [0.0, 0.0, 0.0, 1e-42], &factors);
        assert_eq!([weights[0], weights[3]], [0.0; 2]);
        assert!(weights[1] < 0.0 && weights[1] > -1e-26, "{weights:?}");
        let expected = -200.0 * 0.9e-20 * SCALE;
        assert!((weights[2] / expected - 1.0).abs() < 6e-7, "{weights:?}");
    }
}
