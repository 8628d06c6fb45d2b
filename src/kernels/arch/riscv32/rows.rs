//! Operations on rows that save a multiplication.

use super::super::portable;
use crate::kernels::norm_rows;

/// `y += factor x`. A factor of 1, as where branches join, changes no bit of a product.
#[inline(never)]
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    if factor.to_bits() != 1f32.to_bits() {
        return portable::add_scaled(y, x, factor);
    }
    for (y, x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// `dx +=` the gradient with respect to x; `gradient`, the one with respect to x̂, is lost.
#[inline(never)]
pub fn normalize_backward_onto(dx: &mut [f32], gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    norm_rows::normalize_backward(gradient, normalized, rstd, width);
    add_scaled(dx, gradient, 1.0);
}
