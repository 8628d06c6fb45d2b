//! Clipping by the global norm of the gradient.

use crate::core::sum::Sum;
use crate::kernels::arch::{self, sqrt};

/// L2 norm of a gradient, added up in an order that is the same on every target. Not finite if a value
/// is not, or if the norm is beyond 1.8e19, where its square leaves the range of `f32`.
pub fn grad_norm(gradient: &[f32]) -> f32 {
    let mut total = Sum::ZERO;
    for block in gradient.chunks(BLOCK) {
        total.add(sum_of_squares(block));
    }
    sqrt(total.value())
}

/// Factor that shortens a gradient of length `norm` to `max_norm`, and leaves a shorter one alone: PyTorch's
/// `clip_grad_norm_`. Pass it on in [`Step::scale`](super::Step::scale). `norm` must be finite: no factor mends a
/// gradient that is not.
pub fn clip_scale(norm: f32, max_norm: f32) -> f32 {
    (max_norm / (norm + 1e-6)).min(1.0)
}

/// Values that are added up without compensation: short enough to lose nothing that matters.
const BLOCK: usize = 512;

#[inline(never)]
fn sum_of_squares(block: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    let (rows, rest) = block.as_chunks::<8>();
    arch::add_squares(&mut lanes, rows);
    lanes.iter_mut().zip(rest).for_each(|(lane, value)| *lane += value * value);
    lanes.into_iter().fold(0.0, |sum, lane| sum + lane)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn scale_shortens_to_the_limit_and_leaves_short_gradients_alone() {
        let gradient = [3.0, 4.0, 12.0];
        let norm = grad_norm(&gradient);
        let scale = clip_scale(norm, 1.0);
        assert_eq!(norm, 13.0);
        assert!((scale - 0.076_923_07).abs() < 1e-8);
        for (value, expected) in gradient.iter().zip([0.230_769_21, 0.307_692_3, 0.923_076_85]) {
            assert!((value * scale - expected).abs() < 1e-7);
        }
        assert_eq!(clip_scale(0.3, 1.0), 1.0);
        assert_eq!(clip_scale(0.0, 1.0), 1.0);
        assert_eq!(grad_norm(&[]), 0.0);
    }

    #[test]
    fn accurate_over_short_gradients_and_long_ones() {
        // One value all over, so that the rounding errors of a plain sum do not cancel.
        for (length, value) in [(400_003, 0.1), (350, 1e-3), (1025, 30.0), (513, 0.7)] {
            let exact = f64::from(value) * f64::sqrt(length as f64);
            let error = (f64::from(grad_norm(&vec![value; length])) / exact - 1.0).abs();
            assert!(error < 1e-6, "{error:e}");
        }
        let mut mixed = vec![1e-3; 100_000];
        mixed[50_000] = 1.0;
        let exact = f64::sqrt(99_999.0 * f64::from(1e-3_f32).powi(2) + 1.0);
        assert!((f64::from(grad_norm(&mixed)) / exact - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_finite_shows_in_the_norm() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
            assert!(!grad_norm(&[1.0, bad, 1.0, 2.0]).is_finite());
        }
    }
}
