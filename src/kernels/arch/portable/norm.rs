//! Layer normalisation: normalised rows, with scale and shift of their columns.

use super::affine::{affine, affine_in_place};
use super::rows::{add_scaled, copy};
use crate::kernels::norm_rows;

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(never)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    norm_rows::normalize(x, rstd, width, epsilon);
}

/// `y = x̂ weight + bias` with the x̂ and `rstd` of [`normalize`], which are kept. All rows are as long as `weight`.
#[inline(never)]
pub fn layer_norm(
    x: &[f32],
    normalized: &mut [f32],
    rstd: &mut [f32],
    y: &mut [f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
) {
    let width = weight.len();
    norm_rows::normalize_into(normalized, rstd, x, width, epsilon);
    affine((y, width), (normalized, width), weight, bias);
}

/// The same, keeping nothing.
#[inline(never)]
pub fn layer_norm_infer(x: &[f32], y: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    copy(y, x);
    layer_norm_in_place(y, weight, bias, epsilon);
}

/// The same where `x` becomes y.
#[inline(never)]
pub fn layer_norm_in_place(x: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let width = weight.len();
    for rows in x.chunks_mut((TOGETHER * width).max(1)) {
        normalize(rows, &mut [0.0; TOGETHER], width, epsilon);
    }
    affine_in_place(x, weight, bias);
}

/// Rows that are normalised by one call where their factors are not kept.
const TOGETHER: usize = 8;

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row.
#[inline(never)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    norm_rows::normalize_backward(gradient, normalized, rstd, width);
}

/// `dx +=` the gradient with respect to x; `gradient`, the one with respect to x̂, is lost.
#[inline(never)]
pub fn normalize_backward_onto(dx: &mut [f32], gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    norm_rows::normalize_backward(gradient, normalized, rstd, width);
    add_scaled(dx, gradient, 1.0);
}
