//! Matrix products that set their result, by filling it first.

use super::{fill, fill_with_column, fill_with_row};
use crate::kernels::matmul::{nn, nt, tn};
use crate::kernels::matrix::Matrix;

/// `C = A B`
#[inline]
pub fn nn_from_zero(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    fill(c, 0.0);
    nn(c, a, b, k, n);
}

/// `C = Aᵀ B`
#[inline]
pub fn tn_from_zero(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    fill(c, 0.0);
    tn(c, a, b, k, n);
}

/// `C[m][n] = column[m] + A B`
#[inline]
pub fn nn_from_column(c: &mut [f32], column: &[f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    fill_with_column(c, column, n);
    nn(c, a, b, k, n);
}

/// `C[m][n] = row[n] + A Bᵀ`; `n` is the length of `row`.
#[inline]
pub fn nt_from_row(c: &mut [f32], row: &[f32], a: Matrix, b: Matrix, k: usize) {
    fill_with_row(c, row);
    nt(c, a, b, k, row.len());
}
