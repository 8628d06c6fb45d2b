//! Windows cut from one flat buffer.
//!
//! A buffer is as long as the compiler has counted, so cutting it cannot fail: a window that does not fit is a bug of the
//! layer that stated less than it uses. Debug builds, and so all tests, stop there. A release build, which must not have code
//! that panics, makes the window shorter.

use core::mem::take;

/// Lengths of windows that lie one after the other at the beginning of a buffer.
///
/// The length that a layer states and the windows that it cuts come from one such list, so they cannot drift apart:
///
/// ```
/// use trainlet::core::layout::Layout;
///
/// /// Four tokens of three channels, and a factor for each.
/// const SAVED: Layout<2> = Layout([4 * 3, 4]);
/// let mut buffer = [0.0; SAVED.total() + 5];
/// let ([tokens, factors], rest) = SAVED.split(&mut buffer);
/// assert_eq!((tokens.len(), factors.len(), rest.len()), (12, 4, 5));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Layout<const WINDOWS: usize>(
    /// Length of each window in `f32`.
    pub [usize; WINDOWS],
);

impl<const WINDOWS: usize> Layout<WINDOWS> {
    /// `f32` of all windows together.
    pub const fn total(&self) -> usize {
        let (mut total, mut index) = (0, 0);
        while index < WINDOWS {
            total += self.0[index];
            index += 1;
        }
        total
    }

    /// The windows, and what is left of `buffer`.
    ///
    /// # Panics
    /// In debug builds, if `buffer` is shorter than [`total`](Self::total); in release builds the last windows are then shorter.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn split<'a>(&self, buffer: &'a mut [f32]) -> ([&'a mut [f32]; WINDOWS], &'a mut [f32]) {
        let mut rest = buffer;
        let windows = self.0.map(|length| {
            let (window, after) = split_at(take(&mut rest), length);
            rest = after;
            window
        });
        (windows, rest)
    }
}

/// The first `length` values, and the rest.
///
/// # Panics
/// In debug builds, if there are fewer; in release builds all of them are the first.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub fn split_at<T>(values: &mut [T], length: usize) -> (&mut [T], &mut [T]) {
    debug_assert!(length <= values.len(), "{length} values are cut from {}: state a larger COST", values.len());
    values.split_at_mut_checked(length.min(values.len())).unwrap_or_default()
}

/// The first `length` values.
///
/// # Panics
/// In debug builds, if there are fewer; in release builds these are all.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub fn front<T>(values: &mut [T], length: usize) -> &mut [T] {
    split_at(values, length).0
}

/// What comes before the last `length` values, and these.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn split_last<T>(values: &mut [T], length: usize) -> (&mut [T], &mut [T]) {
    debug_assert!(length <= values.len(), "the last {length} values of {}: state a larger COST", values.len());
    values.split_at_mut_checked(values.len().saturating_sub(length)).unwrap_or_default()
}

/// Whole tokens of `C` channels each.
#[inline(always)]
pub fn tokens<const C: usize>(values: &mut [f32]) -> &mut [[f32; C]] {
    values.as_chunks_mut().0
}

/// Cuts an array of fixed shape off the front of a buffer, in a function that returns nothing: `(array, rest)`. For what the
/// type system wants as an array; slices are cut by [`split_at`]. As there, a debug build panics if the buffer is too short;
/// in a release build the function returns.
macro_rules! split_array {
    ($buffer:expr) => {
        match $crate::core::tensor::Tensor::split_from($buffer) {
            Some(parts) => parts,
            None => {
                debug_assert!(false, "an array is cut from a buffer that is too short: state a larger COST");
                return;
            }
        }
    };
}
pub(crate) use split_array;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_side_by_side_and_leave_the_rest() {
        const LAYOUT: Layout<2> = Layout([6, 4]);
        let mut buffer = [0.0; 12];
        let ([matrix, vector], rest) = LAYOUT.split(&mut buffer);
        tokens::<3>(matrix)[1][2] = 1.0;
        vector[0] = 2.0;
        assert_eq!(rest.len(), 2);
        assert_eq!(buffer[5..7], [1.0, 2.0]);
        assert_eq!(LAYOUT.total(), 10);
    }

    #[test]
    fn both_ends_can_be_cut_off() {
        let mut buffer = [1, 2, 3];
        assert_eq!(split_at(&mut buffer, 1), (&mut [1][..], &mut [2, 3][..]));
        assert_eq!(split_last(&mut buffer, 1), (&mut [1, 2][..], &mut [3][..]));
        assert_eq!(front(&mut buffer, 2), [1, 2]);
    }

    #[test]
    #[should_panic(expected = "10 values are cut from 9: state a larger COST")]
    #[cfg(debug_assertions)]
    fn a_short_buffer_is_a_bug() {
        let _ = Layout([10]).split(&mut [0.0; 9]);
    }
}
