//! Softmax of a row, and its gradient.

use super::rows::dot;

/// Replaces `row` by its softmax; returns the largest value and the sum of e^(value - largest), which cannot overflow.
#[inline(never)]
pub fn softmax(row: &mut [f32]) -> (f32, f32) {
    let most = row.iter().fold(f32::NEG_INFINITY, |most, x| most.max(*x));
    let mut sum = 0.0;
    for x in row.iter_mut() {
        *x = exp(*x - most);
        sum += *x;
    }
    for x in row {
        *x /= sum;
    }
    (most, sum)
}

/// One copy: a loop that is unrolled would hold eight.
#[inline(never)]
fn exp(x: f32) -> f32 {
    libm::expf(x)
}

/// Replaces a softmax by the gradient with respect to what it was made of: s (g - Σ s g).
#[inline(never)]
pub fn softmax_backward(softmax: &mut [f32], gradient: &[f32]) {
    debug_assert_eq!(softmax.len(), gradient.len());
    let mean = dot(softmax, gradient);
    for (s, g) in softmax.iter_mut().zip(gradient) {
        *s *= g - mean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_does_not_matter_and_has_no_gradient() {
        let (mut row, mut moved) = ([1.0, 2.0, 3.0], [101.0, 102.0, 103.0]);
        let ((most, sum), _) = (softmax(&mut row), softmax(&mut moved));
        assert_eq!(row, moved);
        assert!((row[0] - 0.090_030_57).abs() < 1e-7 && most == 3.0 && (sum - 1.503_214_7).abs() < 1e-6);
        softmax_backward(&mut row, &[0.7; 3]);
        assert!(row.iter().all(|g| g.abs() < 1e-7), "{row:?}");
    }

    #[test]
    fn the_gradient_is_that_of_two_values() {
        // s = 1 / (1 + e^-d) of the difference d, whose slope is s (1 - s).
        let mut row = [0.4, -0.3];
        softmax(&mut row);
        let slope = row[0] * row[1];
        softmax_backward(&mut row, &[2.0, 0.0]);
        assert!((row[0] - 2.0 * slope).abs() < 1e-7 && (row[1] + 2.0 * slope).abs() < 1e-7);
    }
}
