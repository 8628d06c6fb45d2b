//! Scale and shift of each column of a matrix, and their gradient.

use super::rows::LANES;
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::cut;
use crate::kernels::rows::{rows, rows_mut};

multiversion! {
    /// `y[r][c] = weight[c] x[r][c] + bias[c]`. Each matrix comes with the distance of its rows; those of `y` are as long as its
    /// distance says, or as `weight` is.
    #[inline(never)]
    pub fn affine(y: (&mut [f32], usize), x: (&[f32], usize), weight: &[f32], bias: &[f32]) {
        for (y, x) in rows_mut(y.0, y.1).zip(x.0.chunks(x.1.max(1))) {
            let count = y.len().min(x.len()).min(weight.len()).min(bias.len());
            let (y, y_rest) = cut::first_mut(y, count).as_chunks_mut::<LANES>();
            let (x, x_rest) = cut::first(x, count).as_chunks::<LANES>();
            let (weight, weight_rest) = cut::first(weight, count).as_chunks::<LANES>();
            let (bias, bias_rest) = cut::first(bias, count).as_chunks::<LANES>();
            for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
                scale_and_shift(y, x, weight, bias);
            }
            scale_and_shift(y_rest, x_rest, weight_rest, bias_rest);
        }
    }
}

#[inline(always)]
fn scale_and_shift(y: &mut [f32], x: &[f32], weight: &[f32], bias: &[f32]) {
    for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(weight).zip(bias) {
        *y = x * weight + bias;
    }
}

multiversion! {
    /// `x[r][c] = weight[c] x[r][c] + bias[c]` with rows as long as `weight`.
    #[inline(never)]
    pub fn affine_in_place(x: &mut [f32], weight: &[f32], bias: &[f32]) {
        debug_assert_eq!(weight.len(), bias.len());
        for row in x.chunks_exact_mut(weight.len().max(1)) {
            for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
                *x = *x * weight + bias;
            }
        }
    }
}

multiversion! {
    /// `dy`, the gradient with respect to y, becomes the one with respect to x; adds to `dweight` and `dbias`. All rows are as
    /// long as these.
    #[inline(never)]
    pub fn affine_backward(dy: &mut [f32], x: &[f32], weight: &[f32], dweight: &mut [f32], dbias: &mut [f32]) {
        debug_assert!(dy.len() == x.len() && [dweight.len(), dbias.len()] == [weight.len(); 2]);
        for (dy, x) in rows_mut(dy, weight.len()).zip(rows(x, weight.len())) {
            let weights = weight.iter().zip(&mut *dweight).zip(&mut *dbias);
            for ((dy, x), ((weight, dweight), dbias)) in dy.iter_mut().zip(x).zip(weights) {
                *dweight += *dy * x;
                *dbias += *dy;
                *dy *= weight;
            }
        }
    }
}
