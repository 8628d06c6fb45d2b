//! Operations on whole rows, value by value.

use core::iter;

use super::UNROLLED;
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::matrix::Matrix;
use crate::kernels::rows::rows_mut;

/// As many values side by side fill a register of any desktop; rows are too short for the wider ones.
pub const LANES: usize = if UNROLLED { 4 } else { 1 };

/// The first values of each row, up to the first that is too short. Not by `chunks`, which would divide to know how many there are.
#[inline(always)]
pub fn heads_of_rows<'a, const COUNT: usize>(
    (mut values, width): Matrix<'a>,
) -> impl Iterator<Item = &'a [f32; COUNT]> {
    iter::from_fn(move || {
        let head = values.first_chunk()?;
        values = values.get(width..).unwrap_or_default();
        Some(head)
    })
}

/// `x[index]`; beyond the end 0, which is a bug that tests see.
#[inline(always)]
pub fn value(x: &[f32], index: usize) -> f32 {
    debug_assert!(index < x.len(), "{index} lies beyond {}", x.len());
    x.get(index).copied().unwrap_or_default()
}

/// Every row of `y` becomes `bias`.
#[inline(never)]
pub fn fill_with_row(y: &mut [f32], bias: &[f32]) {
    for row in rows_mut(y, bias.len()) {
        copy(row, bias);
    }
}

/// Row number `r` of `y` becomes `bias[r]` throughout; rows are `width` long.
#[inline(never)]
pub fn fill_with_column(y: &mut [f32], bias: &[f32], width: usize) {
    for (row, b) in rows_mut(y, width).zip(bias) {
        fill(row, *b);
    }
}

/// `y = value`
pub fn fill(y: &mut [f32], value: f32) {
    let (chunks, rest) = y.as_chunks_mut();
    chunks.fill([value; LANES]);
    rest.fill(value);
}

/// `y = x`; the shorter slice decides how many.
pub fn copy(y: &mut [f32], x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = *x;
    }
}

multiversion! {
    /// `y = factor x`
    #[inline(never)]
    pub fn scaled(y: &mut [f32], x: &[f32], factor: f32) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = factor * x;
        }
    }
}

multiversion! {
    /// `y += factor x`
    #[inline(never)]
    pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += factor * x;
        }
    }
}

/// `C[r] += a[r] b`; the rows of `C` are as long as `b`.
pub fn add_outer(c: &mut [f32], a: &[f32], b: &[f32]) {
    for (c, a) in c.chunks_exact_mut(b.len().max(1)).zip(a) {
        add_scaled(c, b, *a);
    }
}

multiversion! {
    /// `lanes[i] += Σ_r rows[r][i]²`
    #[inline(always)]
    pub fn add_squares(lanes: &mut [f32; 8], rows: &[[f32; 8]]) {
        for row in rows {
            for (lane, value) in lanes.iter_mut().zip(row) {
                *lane += value * value;
            }
        }
    }
}

multiversion! {
    /// `y *= x`, value by value.
    #[inline(never)]
    pub fn multiply(y: &mut [f32], x: &[f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y *= x;
        }
    }
}
