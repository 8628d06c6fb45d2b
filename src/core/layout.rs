//! Windows cut from one flat buffer.
//!
//! A buffer is as long as the compiler has counted, so cutting it cannot fail: a window that does not fit is a bug of the
//! layer that stated less than it uses. The program then stops: it panics, and in a release build for a board, which must hold
//! no code that panics, it halts in place.

use crate::core::tensor::Tensor;

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
}

macro_rules! split {
    ($count:literal: $($name:ident $index:literal)+) => {
        impl Layout<$count> {
            /// The windows, and what is left of `buffer`.
            ///
            /// # Panics
            /// If `buffer` is shorter than [`total`](Self::total); see the [module](self).
            #[inline(always)]
            #[cfg_attr(debug_assertions, track_caller)]
            pub fn split<'a>(&self, buffer: &'a mut [f32]) -> ([&'a mut [f32]; $count], &'a mut [f32]) {
                $(let ($name, buffer) = split_at(buffer, self.0[$index]);)+
                ([$($name),+], buffer)
            }
        }
    };
}
split!(2: a 0 b 1);
split!(3: a 0 b 1 c 2);
split!(4: a 0 b 1 c 2 d 3);
split!(5: a 0 b 1 c 2 d 3 e 4);

/// The first `length` values, and the rest.
///
/// # Panics
/// If there are fewer; see the [module](self).
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub fn split_at<T>(values: &mut [T], length: usize) -> (&mut [T], &mut [T]) {
    let available = values.len();
    match values.split_at_mut_checked(length) {
        Some(parts) => parts,
        None => stop(length, available),
    }
}

/// The first `length` values.
///
/// # Panics
/// If there are fewer; see the [module](self).
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub fn front<T>(values: &mut [T], length: usize) -> &mut [T] {
    split_at(values, length).0
}

/// What comes before the last `length` values, and these.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn split_last<T>(values: &mut [T], length: usize) -> (&mut [T], &mut [T]) {
    match values.len().checked_sub(length) {
        Some(before) => split_at(values, before),
        None => stop(length, values.len()),
    }
}

/// Whole tokens of `C` channels each.
#[inline(always)]
pub fn tokens<const C: usize>(values: &mut [f32]) -> &mut [[f32; C]] {
    values.as_chunks_mut().0
}

/// An array of fixed shape, cut off the front of a buffer, and the rest. For what a type wants as an array; slices are cut by
/// [`split_at`].
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn split_array<T: Tensor>(buffer: &mut [f32]) -> (&mut T, &mut [f32]) {
    let available = buffer.len();
    match T::split_from(buffer) {
        Some(parts) => parts,
        None => stop(T::LEN, available),
    }
}

/// The end of a program with a bug. Inlined into a release build for a board it is a jump to itself.
#[inline(always)]
#[cfg_attr(debug_assertions, track_caller)]
pub(crate) fn stop(length: usize, available: usize) -> ! {
    if cfg!(any(debug_assertions, not(target_os = "none"))) {
        panic!("{length} values are cut from {available}: state a larger COST");
    }
    #[expect(clippy::empty_loop, reason = "there is no one to tell, and a watchdog to come")]
    loop {}
}

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
    #[should_panic(expected = "6 values are cut from 5: state a larger COST")]
    fn a_short_buffer_is_a_bug() {
        let _ = Layout([4, 6]).split(&mut [0.0; 9]);
    }
}
