//! Clipping by the global norm of the gradient.

use crate::params::Params;
use crate::sum::Sum;

/// L2 norm over every value of a tree, added up in an order that is the same on every target. Not finite if a value
/// is not, or if the norm is beyond 1.8e19, where its square leaves the range of `f32`.
pub fn grad_norm<M: Params>(grads: &M) -> f32 {
    let mut total = Sum::ZERO;
    grads.read(&mut |_, values| {
        for block in values.chunks(BLOCK) {
            total.add(sum_of_squares(block));
        }
    });
    libm::sqrtf(total.value())
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
    for row in rows {
        add_squares(&mut lanes, row);
    }
    add_squares(&mut lanes, rest);
    lanes.into_iter().fold(0.0, |sum, lane| sum + lane)
}

fn add_squares(lanes: &mut [f32; 8], values: &[f32]) {
    for (lane, value) in lanes.iter_mut().zip(values) {
        *lane += value * value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Point;
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn scale_shortens_to_the_limit_and_leaves_short_gradients_alone() {
        let grads = Point { values: [3.0, 4.0, 12.0] };
        let norm = grad_norm(&grads);
        let scale = clip_scale(norm, 1.0);
        assert_eq!(norm, 13.0);
        assert!((scale - 0.076_923_07).abs() < 1e-8);
        for (value, expected) in grads.values.iter().zip([0.230_769_21, 0.307_692_3, 0.923_076_85]) {
            assert!((value * scale - expected).abs() < 1e-7);
        }
        assert_eq!(clip_scale(0.3, 1.0), 1.0);
        assert_eq!(clip_scale(0.0, 1.0), 1.0);
    }

    #[test]
    fn the_norm_is_of_all_leaves_together() {
        let tree = (Point { values: [3.0] }, ([Point { values: [4.0] }], Point { values: [0.0, 12.0] }));
        assert_eq!(grad_norm(&tree), 13.0);
        assert_eq!(grad_norm(&()), 0.0);
    }

    #[test]
    fn accurate_over_leaves_large_and_small() {
        type Tree = (Point<400_003>, [Point<7>; 50], Point<1025>);
        static TREE: Mutex<Tree> = Mutex::new(Tree::ZERO);
        let mut tree = TREE.lock().unwrap();
        // One value all over, so that the rounding errors of a plain sum do not cancel.
        for [large, many, odd] in [[0.1, 0.1, 0.1], [0.7, 1e-3, 30.0], [1e-3, 30.0, 0.7]] {
            tree.0.values.fill(large);
            tree.1.iter_mut().for_each(|point| point.values.fill(many));
            tree.2.values.fill(odd);
            let mut exact = 0.0;
            tree.read(&mut |_, values| exact += values.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>());
            let exact = exact.sqrt();
            let error = (f64::from(grad_norm(&*tree)) / exact - 1.0).abs();
            assert!(error < 1e-6, "{error:e}");
        }
    }

    #[test]
    fn what_is_not_finite_shows_in_the_norm() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
            assert!(!grad_norm(&[Point { values: [1.0, bad] }, Point { values: [1.0, 2.0] }]).is_finite());
        }
    }
}
