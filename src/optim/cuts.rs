//! Leaves in pieces.

use core::ops::Range;

/// Values of a piece. No block of a state is cut, nor what shares a quotient in Adam.
pub(crate) const PIECE: usize = 32;

/// Cuts `length` values of a leaf, or of a part of it, into pieces of at most [`PIECE`] that an optimiser may update one after the
/// other. `first` is the place of the first among all that are trained; see [`Optimizer::IN_BLOCKS`](super::Optimizer::IN_BLOCKS).
pub(crate) fn pieces(first: usize, length: usize, in_blocks: bool) -> impl Iterator<Item = Range<usize>> {
    let offset = if in_blocks { first % PIECE } else { 0 };
    (0..(offset + length).div_ceil(PIECE)).map(move |index| {
        let [start, end] = [index, index + 1].map(|index| (index * PIECE).saturating_sub(offset));
        start..end.min(length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn pieces_end_where_blocks_do() {
        let of = |first, length, in_blocks| pieces(first, length, in_blocks).collect::<Vec<_>>();
        assert_eq!(of(40, 70, true), [0..24, 24..56, 56..70]);
        assert_eq!(of(40, 70, false), [0..32, 32..64, 64..70]);
        assert_eq!(of(64, 33, true), [0..32, 32..33]);
        assert!(of(5, 0, false).is_empty());
    }
}
