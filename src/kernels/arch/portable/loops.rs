//! Matrix products by plain loops, for the library without its feature `unrolled`: the bits of the [tiles](super::tile) by far
//! less code, but slower.

use super::rows::add_scaled;
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`, where `A` comes with the distance of its rows and that of its columns.
#[inline(never)]
pub fn combine_rows(c: &mut [f32], (a, steps): (&[f32], [usize; 2]), (b, b_width): Matrix, k: usize, n: usize) {
    let [row_step, column_step] = steps;
    let last = k.saturating_sub(1);
    for (c, row) in c.chunks_exact_mut(n.max(1)).zip(0..) {
        let Some(a) = a.get(row * row_step..).filter(|a| a.len() > last * column_step) else { return };
        for p in 0..k {
            let (Some(a), Some(b)) = (a.get(p * column_step), b.get(p * b_width..)) else { return };
            add_scaled(c, b, *a);
        }
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`.
#[inline(never)]
pub fn dot_rows(c: &mut [f32], (a, a_width): Matrix, (b, b_width): Matrix, k: usize, n: usize) {
    for (c, row) in c.chunks_exact_mut(n.max(1)).zip(0..) {
        let Some(a) = a.get(row * a_width..).and_then(|a| a.get(..k)) else { return };
        for (c, column) in c.iter_mut().zip(0..) {
            let Some(b) = b.get(column * b_width..).and_then(|b| b.get(..k)) else { return };
            *c = a.iter().zip(b).fold(*c, |sum, (a, b)| sum + a * b);
        }
    }
}
