//! Matrix products by plain loops, for the library without its feature `unrolled`: the bits of the tiles by far
//! less code, but slower.

use super::rows::{add_scaled, value};
use crate::kernels::cut;
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`, where `A` comes with the distance of its rows and that of its columns.
#[inline(never)]
pub fn combine_rows(c: &mut [f32], (a, steps): (&[f32], [usize; 2]), (b, b_width): Matrix, k: usize, n: usize) {
    let [row_step, column_step] = steps;
    for (c, row) in c.chunks_exact_mut(n.max(1)).zip(0..) {
        let a = cut::from(a, row * row_step);
        for p in 0..k {
            add_scaled(c, cut::from(b, p * b_width), value(a, p * column_step));
        }
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`.
#[inline(never)]
pub fn dot_rows(c: &mut [f32], (a, a_width): Matrix, (b, b_width): Matrix, k: usize, n: usize) {
    for (c, row) in c.chunks_exact_mut(n.max(1)).zip(0..) {
        let a = cut::first(cut::from(a, row * a_width), k);
        for (c, column) in c.iter_mut().zip(0..) {
            let b = cut::first(cut::from(b, column * b_width), k);
            *c = a.iter().zip(b).fold(*c, |sum, (a, b)| sum + a * b);
        }
    }
}
