//! Normalisation of rows to mean 0 and variance 1, and its gradient, for rows of any width.

use super::rows::{dot, rows, rows_mut, sum};
use super::rsqrt::rsqrt;

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(always)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    debug_assert!(x.len() <= rstd.len() * width, "a row without its factor");
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
    debug_assert!(normalized.len() == x.len() && x.len() <= rstd.len() * width);
    match width {
        12 if OWN => return normalize_chunks_into::<12>(normalized, rstd, x, epsilon),
        16 if OWN => return normalize_chunks_into::<16>(normalized, rstd, x, epsilon),
        _ => (),
    }
    let share = 1.0 / width as f32;
    for ((x, row), rstd) in rows(x, width).zip(rows_mut(normalized, width)).zip(rstd) {
        *rstd = normalize_row(x, row, share, epsilon);
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

/// Whether rows of 12 and of 16 values, which the networks have, have functions of their own: from a loop over a row
/// of any length, compilers for a desktop make vectors of 32 values, or they gather the values of eight rows.
const OWN: bool = cfg!(target_pointer_width = "64");

/// [`normalize_into`] for rows of one width.
fn normalize_chunks_into<const WIDTH: usize>(normalized: &mut [f32], rstd: &mut [f32], x: &[f32], epsilon: f32) {
    for ((x, row), rstd) in x.as_chunks().0.iter().zip(normalized.as_chunks_mut().0).zip(rstd) {
        *rstd = normalize_row_of::<WIDTH>(x, row, epsilon);
    }
}

/// Out of line, so that no loop is around it.
#[inline(never)]
fn normalize_row_of<const WIDTH: usize>(x: &[f32; WIDTH], normalized: &mut [f32; WIDTH], epsilon: f32) -> f32 {
    normalize_row(x, normalized, 1.0 / WIDTH as f32, epsilon)
}

/// [`normalize_backward`] for rows of one width.
fn normalize_chunks_backward<const WIDTH: usize>(gradient: &mut [f32], normalized: &[f32], rstd: &[f32]) {
    for ((gradient, normalized), rstd) in gradient.as_chunks_mut().0.iter_mut().zip(normalized.as_chunks().0).zip(rstd)
    {
        normalize_row_of_backward::<WIDTH>(gradient, normalized, *rstd);
    }
}

/// Out of line, so that no loop is around it.
#[inline(never)]
fn normalize_row_of_backward<const WIDTH: usize>(gradient: &mut [f32; WIDTH], normalized: &[f32; WIDTH], rstd: f32) {
    normalize_row_backward(gradient, normalized, rstd, 1.0 / WIDTH as f32);
}

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row:
/// rstd (g - mean(g) - x̂ mean(g x̂)).
#[inline(always)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    debug_assert!(normalized.len() == gradient.len() && gradient.len() <= rstd.len() * width);
    match width {
        12 if OWN => return normalize_chunks_backward::<12>(gradient, normalized, rstd),
        16 if OWN => return normalize_chunks_backward::<16>(gradient, normalized, rstd),
        _ => (),
    }
    let share = 1.0 / width as f32;
    for ((gradient, normalized), rstd) in rows_mut(gradient, width).zip(rows(normalized, width)).zip(rstd) {
        normalize_row_backward(gradient, normalized, *rstd, share);
    }
}
