//! Windows of positions: which tokens a token hears, and through which taps.

use core::ops::Range;

use crate::core::layout::{front, split_at};
use crate::core::size::min;

/// Tokens that token `n` hears through a window of `R` taps.
pub(super) const fn heard<const N: usize, const R: usize>(n: usize) -> Range<usize> {
    n.saturating_sub(R / 2)..min(N, n + R / 2 + 1)
}

/// The taps that reach these.
pub(super) const fn taps<const N: usize, const R: usize>(n: usize) -> Range<usize> {
    let Range { start, end } = heard::<N, R>(n);
    start + R / 2 - n..end + R / 2 - n
}

/// Rows of a matrix that is `width` wide.
pub(super) fn rows<'a>(matrix: &'a [f32], range: &Range<usize>, width: usize) -> &'a [f32] {
    let rows = matrix.get(range.start * width..range.end * width);
    debug_assert!(rows.is_some(), "rows {range:?} of {} values", matrix.len());
    rows.unwrap_or_default()
}

/// The same of a matrix that changes.
pub(super) fn rows_mut<'a>(matrix: &'a mut [f32], range: &Range<usize>, width: usize) -> &'a mut [f32] {
    front(split_at(matrix, range.start * width).1, range.len() * width)
}
