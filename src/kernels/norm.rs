//! Normalisation of rows to mean 0 and variance 1, and its gradient.

use super::fast::{self, sqrt};
use super::rows::{dot, rows, rows_mut, sum};

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(never)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    if fast::holds(width) {
        return fast::normalize(x, rstd, width, epsilon);
    }
    normalize_rows(x, rstd, width, epsilon);
}

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row:
/// rstd (g - mean(g) - x̂ mean(g x̂)).
#[inline(never)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    if fast::holds(width) {
        return fast::normalize_backward(gradient, normalized, rstd, width);
    }
    normalize_rows_backward(gradient, normalized, rstd, width);
}

/// [`normalize`] for rows of any width. Two passes: the difference of mean squares would cancel in f32.
#[inline(always)]
pub fn normalize_rows(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    let share = 1.0 / width as f32;
    for (row, rstd) in rows_mut(x, width).zip(rstd) {
        let mean = sum(row) * share;
        row.iter_mut().for_each(|x| *x -= mean);
        let factor = 1.0 / sqrt(dot(row, row) * share + epsilon);
        row.iter_mut().for_each(|x| *x *= factor);
        *rstd = factor;
    }
}

/// [`normalize_backward`] for rows of any width.
#[inline(always)]
pub fn normalize_rows_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    let share = 1.0 / width as f32;
    for ((gradient, normalized), rstd) in rows_mut(gradient, width).zip(rows(normalized, width)).zip(rstd) {
        let mean = sum(gradient) * share;
        let slope = dot(gradient, normalized) * share;
        for (g, x) in gradient.iter_mut().zip(normalized) {
            *g = rstd * (*g - mean - x * slope);
        }
    }
}
