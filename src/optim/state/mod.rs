//! The memory of an optimiser: a number for each weight, stored in 4 bytes, in 2 or in little more than 1.

mod bf16;
mod block8;
mod second_only;

pub use bf16::Bf16;
pub use block8::Block8;
pub use second_only::SecondOnly;

use core::ops::Range;

use crate::core::archive::Archive;
use crate::core::params::flat::window_mut;
use crate::core::rng::Key;

/// A number for each of the values that are trained. Arrays are, and the optimiser's type shows which:
///
/// | | bytes per weight |
/// |---|---|
/// | `[f32; Net::TRAINABLE]` | 4 |
/// | `[Bf16; Net::TRAINABLE]` | 2 |
/// | `[Block8; Net::TRAINABLE.div_ceil(Block8::LEN)]` | 1.03 |
///
/// What is stored in fewer bits is rounded up or down at random, so that the mean of many small changes is kept; the
/// random numbers come from the seed of the run.
pub trait State: Sized + 'static {
    /// How it keeps a number, as host-sim's option `--state` has it.
    const NAME: &'static str;
    /// The same for numbers that are never below 0.
    type NonNegative: State;
    /// All zeros; a `static` of it lands in `.bss`.
    const ZERO: Self;
    /// How many numbers it has room for.
    const CAPACITY: usize;
    /// Whether [`edit`](Self::edit) hands them out in blocks of 32.
    const IN_BLOCKS: bool = true;
    /// Whether numbers are kept from one [`edit`](Self::edit) to the next.
    const KEPT: bool = true;

    /// Sets every number to 0.
    fn clear(&mut self);

    /// Shows the first `count` numbers to `archive`, as they are stored; whole blocks where they lie in blocks.
    fn persist(&mut self, count: usize, archive: &mut Archive);

    /// Hands out the numbers at `places` to be changed, in one or more pieces, each with its places. `key` is for the
    /// rounding.
    fn edit(&mut self, places: Range<usize>, key: Key, work: &mut dyn FnMut(Range<usize>, &mut [f32]));
}

impl<const P: usize> State for [f32; P] {
    const NAME: &'static str = "f32";
    type NonNegative = Self;
    const ZERO: Self = [0.0; P];
    const CAPACITY: usize = P;
    const IN_BLOCKS: bool = false;

    fn clear(&mut self) {
        self.fill(0.0);
    }

    fn persist(&mut self, count: usize, archive: &mut Archive) {
        archive.finite(window_mut(self, 0, count));
    }

    fn edit(&mut self, places: Range<usize>, _: Key, work: &mut dyn FnMut(Range<usize>, &mut [f32])) {
        let values = window_mut(self, places.start, places.len());
        work(places, values);
    }
}

/// Numbers that are unpacked, changed and packed at a time.
const PIECE: usize = 32;

/// A stretch of places within piece number `index`.
struct Overlap {
    index: usize,
    places: Range<usize>,
}

impl Overlap {
    /// The same, from the start of the piece on.
    fn inside(&self) -> Range<usize> {
        let start = self.index * PIECE;
        self.places.start - start..self.places.end - start
    }
}

/// The pieces that `places` touches.
fn overlaps(places: Range<usize>) -> impl Iterator<Item = Overlap> {
    let (first, end) = (places.start / PIECE, places.end.div_ceil(PIECE));
    (first..end).map(move |index| {
        let places = places.start.max(index * PIECE)..places.end.min((index + 1) * PIECE);
        Overlap { index, places }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use std::vec::Vec;

    /// Edits of any stretch reach each of its places once, in order, and nothing else.
    fn check<S: State>(places: Range<usize>) {
        let mut state = S::ZERO;
        let mut seen = Vec::new();
        let key = Key::new(1, Purpose::Rounding);
        state.edit(places.clone(), key, &mut |piece, values| {
            assert_eq!(piece.len(), values.len());
            for (place, value) in piece.zip(values) {
                assert_eq!(*value, 0.0);
                *value = 1.0;
                seen.push(place);
            }
        });
        assert!(seen.iter().copied().eq(places.clone()), "{places:?}: {seen:?}");
        state.edit(0..S::CAPACITY, key, &mut |piece, values| {
            for (place, value) in piece.zip(values) {
                assert_eq!(*value, if places.contains(&place) { 1.0 } else { 0.0 }, "{place}");
            }
        });
        state.clear();
        state.edit(0..S::CAPACITY, key, &mut |_, values| assert!(values.iter().all(|value| *value == 0.0)));
    }

    #[test]
    fn every_place_is_handed_out_once() {
        for places in [0..96, 0..1, 5..31, 31..33, 32..64, 40..41, 3..96, 96..96] {
            check::<[f32; 96]>(places.clone());
            check::<[Bf16; 96]>(places.clone());
            check::<[Block8; 3]>(places.clone());
            check::<[Block8<false>; 3]>(places);
        }
    }
}
