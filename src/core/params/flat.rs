//! The values of a leaf in a flat buffer: a gradient, the state of an optimiser, a copy of the weights.
//!
//! Such a buffer is as long as the trained values, so that a leaf always has its place in it. A buffer that is too short is a
//! bug, and the program stops as it does in [`layout`](crate::core::layout).

use crate::core::layout::stop;

/// `length` values from number `first` on.
///
/// # Panics
/// If there are fewer; see [`layout`](crate::core::layout).
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn window<T>(flat: &[T], first: usize, length: usize) -> &[T] {
    match flat.get(first..first + length) {
        Some(values) => values,
        None => stop(first + length, flat.len()),
    }
}

/// `length` values from number `first` on, to be changed.
///
/// # Panics
/// If there are fewer; see [`layout`](crate::core::layout).
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn window_mut<T>(flat: &mut [T], first: usize, length: usize) -> &mut [T] {
    let available = flat.len();
    match flat.get_mut(first..first + length) {
        Some(values) => values,
        None => stop(first + length, available),
    }
}
