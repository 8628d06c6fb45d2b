//! Matrix products, each in the fastest way that the sizes and the feature `unrolled` allow.

use super::loops::{combine_rows, dot_rows};
use super::rows::add_outer;
use super::tile::{COLUMNS, ROWS};
use super::{UNROLLED, packed, tiled};
use crate::kernels::arch::HAS_VECTORS;
use crate::kernels::cut;
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`
pub fn nn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return combine_rows(c, (a.0, [a.1, 1]), b, k, n);
    }
    check(tiled::nn(c, a, b, k, n), k);
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`
pub fn tn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return combine_rows(c, (a.0, [1, a.1]), b, k, n);
    }
    if k == 1 {
        // Each value of `C` has one product: no sum to hold in a register.
        return add_outer(c, a.0, cut::first(b.0, n));
    }
    check(tiled::tn(c, a, b, k, n), k);
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return dot_rows(c, a, b, k, n);
    }
    let packs = PACKS && n >= COLUMNS && c.len() >= 2 * ROWS * n;
    check(if packs { packed::nt(c, a, b, k, n) } else { tiled::nt(c, a, b, k, n) }, k);
}

/// A factor that is shorter than the sizes say is a bug, which tests see. Nothing is missing of a sum over no products.
#[inline(always)]
fn check(complete: Option<()>, k: usize) {
    debug_assert!(complete.is_some() || k == 0, "a factor is too short");
}

/// Packing pays where it fills vector registers; elsewhere it only takes stack.
const PACKS: bool = HAS_VECTORS;
