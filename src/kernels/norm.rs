//! Normalisation of one row to mean 0 and variance 1, and its gradient.

use super::fast::sqrt;
use super::rows::{dot, sum};

/// Replaces `row` by x̂ = (x - mean) / √(variance + epsilon) with the biased variance, and returns the factor
/// 1 / √(variance + epsilon). Two passes: the difference of mean squares would cancel in f32.
#[inline(never)]
pub fn normalize(row: &mut [f32], epsilon: f32) -> f32 {
    let share = 1.0 / row.len() as f32;
    let mean = sum(row) * share;
    for x in row.iter_mut() {
        *x -= mean;
    }
    let rstd = 1.0 / sqrt(dot(row, row) * share + epsilon);
    for x in row.iter_mut() {
        *x *= rstd;
    }
    rstd
}

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x:
/// rstd (g - mean(g) - x̂ mean(g x̂)).
#[inline(never)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: f32) {
    let share = 1.0 / gradient.len() as f32;
    let mean = sum(gradient) * share;
    let slope = dot(gradient, normalized) * share;
    for (g, x) in gradient.iter_mut().zip(normalized) {
        *g = rstd * (*g - mean - x * slope);
    }
}
