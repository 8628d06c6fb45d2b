//! Normalisation of rows to mean 0 and variance 1, and its gradient, for rows of any width.

use super::rows::{dot, rows, rows_mut, sum};
use super::rsqrt::rsqrt;

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(always)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    let share = 1.0 / width as f32;
    for (row, rstd) in rows_mut(x, width).zip(rstd) {
        let mean = sum(row) * share;
        row.iter_mut().for_each(|x| *x -= mean);
        *rstd = scale(row, share, epsilon);
    }
}

/// The same for rows of `x` whose x̂ goes to `normalized`.
#[inline(always)]
pub fn normalize_into(normalized: &mut [f32], rstd: &mut [f32], x: &[f32], width: usize, epsilon: f32) {
    let share = 1.0 / width as f32;
    for ((x, row), rstd) in rows(x, width).zip(rows_mut(normalized, width)).zip(rstd) {
        *rstd = match width {
            12 if OWN => normalize_row_of::<12>(x, row, share, epsilon),
            16 if OWN => normalize_row_of::<16>(x, row, share, epsilon),
            _ => normalize_row(x, row, share, epsilon),
        };
    }
}

/// x̂ of a row without its mean; returns its factor. Two passes: the difference of mean squares would cancel in f32.
#[inline(always)]
fn scale(row: &mut [f32], share: f32, epsilon: f32) -> f32 {
    let factor = rsqrt(dot(row, row) * share + epsilon);
    row.iter_mut().for_each(|x| *x *= factor);
    factor
}

/// Writes x̂ of a row; returns its factor.
#[inline(always)]
fn normalize_row(x: &[f32], normalized: &mut [f32], share: f32, epsilon: f32) -> f32 {
    let mean = sum(x) * share;
    normalized.iter_mut().zip(x).for_each(|(normalized, x)| *normalized = x - mean);
    scale(normalized, share, epsilon)
}

/// The gradient of a row.
#[inline(always)]
fn normalize_row_backward(gradient: &mut [f32], normalized: &[f32], rstd: f32, share: f32) {
    let mean = sum(gradient) * share;
    let slope = dot(gradient, normalized) * share;
    for (g, x) in gradient.iter_mut().zip(normalized) {
        *g = rstd * (*g - mean - x * slope);
    }
}

/// Whether rows of 12 and of 16 values, which the networks have, are worked on by functions of their own: of a loop over a
/// row of any length compilers for a desktop make vectors of 32 values, or they gather those of eight rows.
const OWN: bool = cfg!(target_pointer_width = "64");

/// Out of line, so that no loop is around it.
#[inline(never)]
fn normalize_row_of<const WIDTH: usize>(x: &[f32], normalized: &mut [f32], share: f32, epsilon: f32) -> f32 {
    let (Some(x), Some(row)) = (x.first_chunk::<WIDTH>(), normalized.first_chunk_mut::<WIDTH>()) else { return 0.0 };
    normalize_row(x, row, share, epsilon)
}

/// The same for the gradient.
#[inline(never)]
fn normalize_row_of_backward<const WIDTH: usize>(gradient: &mut [f32], normalized: &[f32], rstd: f32, share: f32) {
    if let (Some(row), Some(x)) = (gradient.first_chunk_mut::<WIDTH>(), normalized.first_chunk::<WIDTH>()) {
        normalize_row_backward(row, x, rstd, share);
    }
}

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row:
/// rstd (g - mean(g) - x̂ mean(g x̂)).
#[inline(always)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    let share = 1.0 / width as f32;
    for ((gradient, normalized), rstd) in rows_mut(gradient, width).zip(rows(normalized, width)).zip(rstd) {
        match width {
            12 if OWN => normalize_row_of_backward::<12>(gradient, normalized, *rstd, share),
            16 if OWN => normalize_row_of_backward::<16>(gradient, normalized, *rstd, share),
            _ => normalize_row_backward(gradient, normalized, *rstd, share),
        }
    }
}
