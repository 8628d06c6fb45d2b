//! The values of a leaf in a flat buffer: a gradient, the state of an optimiser, a copy of the weights.
//!
//! Such a buffer is as long as the trained values, so that a leaf always has its place in it. A buffer that is too short is a
//! bug: debug builds, and so all tests, stop there. A release build, which must not have code that panics, takes no values.

/// `length` values from number `first` on.
///
/// # Panics
/// In debug builds, if there are fewer.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn window<T>(flat: &[T], first: usize, length: usize) -> &[T] {
    debug_assert!(first + length <= flat.len(), "{length} values from {first} on, of {}", flat.len());
    flat.get(first..first + length).unwrap_or_default()
}

/// `length` values from number `first` on, to be changed.
///
/// # Panics
/// In debug builds, if there are fewer.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn window_mut<T>(flat: &mut [T], first: usize, length: usize) -> &mut [T] {
    debug_assert!(first + length <= flat.len(), "{length} values from {first} on, of {}", flat.len());
    flat.get_mut(first..first + length).unwrap_or_default()
}
