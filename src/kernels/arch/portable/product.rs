//! Matrix products, each by the fastest way that the sizes and the feature `unrolled` allow.

use super::loops::{combine_rows, dot_rows};
use super::rows::add_outer;
use super::tile::{COLUMNS, ROWS};
use super::{UNROLLED, packed, tiled};
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`
pub fn nn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if UNROLLED {
        return tiled::nn(c, a, b, k, n);
    }
    combine_rows(c, (a.0, [a.1, 1]), b, k, n);
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`
pub fn tn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return combine_rows(c, (a.0, [1, a.1]), b, k, n);
    }
    if k == 1 {
        // A value has one product: nothing to be held in registers.
        return add_outer(c, a.0, b.0.get(..n).unwrap_or_default());
    }
    tiled::tn(c, a, b, k, n);
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return dot_rows(c, a, b, k, n);
    }
    if PACKS && n >= COLUMNS && c.len() >= 2 * ROWS * n {
        return packed::nt(c, a, b, k, n);
    }
    tiled::nt(c, a, b, k, n);
}

/// Packing pays where it fills vector registers; elsewhere it only takes stack.
const PACKS: bool = cfg!(target_pointer_width = "64");
