//! Layer normalisation. Rows of 12 or 16 values stay in registers from the load to the store; others are normalised in plain
//! Rust.

use core::ptr::null_mut;

use super::affine::{affine, affine_in_place, scale_and_shift};
use super::norm_registers::{WITHOUT_Y, pairs_of_12, rows_of_16};
use super::rows::copy;
use crate::kernels::norm_rows;

/// Whether rows of this width fit in registers: three or four chunks of four values.
pub const fn holds(width: usize) -> bool {
    matches!(width, 12 | 16)
}

/// Number of rows of a width that [fits](holds) in `values` values; by a constant, which needs no division.
#[inline(always)]
pub fn whole_rows(values: usize, width: usize) -> usize {
    if width == 12 { values / 12 } else { values / 16 }
}

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(never)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    if !holds(width) {
        return norm_rows::normalize(x, rstd, width, epsilon);
    }
    let rows = whole_rows(x.len(), width).min(rstd.len());
    let x = x.as_mut_ptr();
    let to = Places { normalized: x, rstd: rstd.as_mut_ptr(), y: null_mut() };
    // SAFETY: `rows` are in both.
    unsafe { forward(x, to, rows, width, &[], &[], epsilon) }
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
    let width = weight.len().min(bias.len());
    if !holds(width) {
        norm_rows::normalize_into(normalized, rstd, x, width, epsilon);
        return affine((y, width), (normalized, width), weight, bias);
    }
    let rows = whole_rows(x.len().min(normalized.len()).min(y.len()), width).min(rstd.len());
    let to = Places { normalized: normalized.as_mut_ptr(), rstd: rstd.as_mut_ptr(), y: y.as_mut_ptr() };
    // SAFETY: `rows` are in all of them, and there are as many weights and biases as a row has values.
    unsafe { forward(x.as_ptr(), to, rows, width, weight, bias, epsilon) }
}

/// The same, keeping nothing.
#[inline(never)]
pub fn layer_norm_infer(x: &[f32], y: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let width = weight.len().min(bias.len());
    if !holds(width) {
        copy(y, x);
        return layer_norm_in_place(y, weight, bias, epsilon);
    }
    let rows = whole_rows(x.len().min(y.len()), width);
    // SAFETY: as above.
    unsafe { forward(x.as_ptr(), Places::only(y.as_mut_ptr()), rows, width, weight, bias, epsilon) }
}

/// The same where `x` becomes y.
#[inline(never)]
pub fn layer_norm_in_place(x: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let width = weight.len().min(bias.len());
    if !holds(width) {
        for rows in x.chunks_mut((TOGETHER * width).max(1)) {
            normalize(rows, &mut [0.0; TOGETHER], width, epsilon);
        }
        return affine_in_place(x, weight, bias);
    }
    let (rows, x) = (whole_rows(x.len(), width), x.as_mut_ptr());
    // SAFETY: as above; a row is read before it is written.
    unsafe { forward(x, Places::only(x), rows, width, weight, bias, epsilon) }
}

/// Rows of other widths that are normalised by one call where their factors are not kept.
const TOGETHER: usize = 8;

/// Where the results go; null for those that are not asked for: x̂ and its factors together, or y.
#[derive(Clone, Copy)]
struct Places {
    normalized: *mut f32,
    rstd: *mut f32,
    y: *mut f32,
}

impl Places {
    const fn only(y: *mut f32) -> Self {
        Self { normalized: null_mut(), rstd: null_mut(), y }
    }
}

/// # Safety
///
/// `rows` are in all places that are asked for, and weights and biases if y is.
#[inline(always)]
unsafe fn forward(x: *const f32, to: Places, rows: usize, width: usize, weight: &[f32], bias: &[f32], epsilon: f32) {
    // SAFETY: as said above.
    unsafe {
        match width {
            12 => twelve(x, to, rows, weight.as_ptr(), bias.as_ptr(), epsilon),
            16 => sixteen(x, to, rows, weight, bias, epsilon),
            _ => (),
        }
    }
}

/// Rows of 12 values, two at a time.
///
/// # Safety
///
/// As for [`forward`].
unsafe fn twelve(x: *const f32, to: Places, rows: usize, weight: *const f32, bias: *const f32, epsilon: f32) {
    // SAFETY: as said above.
    unsafe {
        if rows > 1 {
            let count = rows / 2 | without_y(to.y);
            pairs_of_12(x, to.normalized, to.rstd, to.y, count, weight, bias, 1.0 / 12.0, epsilon);
        }
        if rows % 2 == 1 {
            last_of_12(x, to, rows - 1, weight, bias, epsilon);
        }
    }
}

/// The bit of a number of pairs that says so.
#[inline(always)]
fn without_y(y: *mut f32) -> usize {
    if y.is_null() { WITHOUT_Y } else { 0 }
}

/// Row number `index` without another: in memory of its own, with a row of other values behind it.
///
/// # Safety
///
/// There is such a row in all places that are asked for, and weights and biases if y is.
#[inline(never)]
unsafe fn last_of_12(x: *const f32, to: Places, index: usize, weight: *const f32, bias: *const f32, epsilon: f32) {
    let (mut row, mut factors, mut y) = ([0.0; 24], [0.0; 2], [0.0; 24]);
    // Two equal values at its start would be looked at.
    row[12] = 1.0;
    let (row, y) = (row.as_mut_ptr(), if to.y.is_null() { to.y } else { y.as_mut_ptr() });
    // SAFETY: as said above.
    unsafe {
        row.copy_from_nonoverlapping(x.add(12 * index), 12);
        pairs_of_12(row, row, factors.as_mut_ptr(), y, 1 | without_y(y), weight, bias, 1.0 / 12.0, epsilon);
        for (to, from, length) in [(to.normalized, row, 12), (to.rstd, factors.as_mut_ptr(), 1), (to.y, y, 12)] {
            if !to.is_null() {
                to.add(length * index).copy_from_nonoverlapping(from, length);
            }
        }
    }
}

/// Rows of 16 values; y in a second pass.
///
/// # Safety
///
/// As for [`forward`].
unsafe fn sixteen(x: *const f32, to: Places, rows: usize, weight: &[f32], bias: &[f32], epsilon: f32) {
    let result = if to.normalized.is_null() { to.y } else { to.normalized };
    // SAFETY: as said above.
    unsafe {
        if rows > 0 {
            rows_of_16(x, result, to.rstd, rows, 1.0 / 16.0, epsilon);
        }
        if !to.y.is_null() {
            scale_and_shift((to.y, 16), (result, 16), (rows, 16), weight, bias);
        }
    }
}
