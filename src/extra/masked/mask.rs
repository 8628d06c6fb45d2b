//! Which tokens of a sample are seen.

use core::mem::swap;

use crate::core::rng::Key;

/// `V` of `N` tokens are visible, chosen at random: any of them in any order with the same probability.
///
/// What is not stored of it is drawn again from the same key. Names and meaning are those of the authors' code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask<const N: usize, const V: usize> {
    ids_shuffle: [u16; N],
    ids_restore: [u16; N],
}

impl<const N: usize, const V: usize> Mask<N, V> {
    /// Stops the compiler unless something is seen and something hidden.
    pub(super) const CHECKED: () = {
        assert!(V > 0, "no visible token, nothing to guess from: take 1 or more visible tokens");
        assert!(V < N, "all tokens are visible, nothing to guess: take fewer visible tokens than there are tokens");
        assert!(N <= 1 << 16, "a mask counts tokens in 16 bits: take longer patches, for 65536 tokens or fewer");
    };

    /// Draws a mask: the first `V` places of a Fisher-Yates shuffle.
    pub fn draw(key: Key) -> Self {
        let (mut ids, mut stream) = (core::array::from_fn(|n| n as u16), key.stream());
        for place in 0..V {
            let Some((id, later)) = ids.get_mut(place..).and_then(<[u16]>::split_first_mut) else { break };
            let choice = stream.below(1 + later.len() as u32) as usize;
            if let Some(other) = choice.checked_sub(1).and_then(|choice| later.get_mut(choice)) {
                swap(id, other);
            }
        }
        Self::from_shuffle(ids)
    }

    /// The mask that sees the first `V` of these, a permutation of the numbers below `N`, in this order.
    pub fn from_shuffle(ids_shuffle: [u16; N]) -> Self {
        let () = Self::CHECKED;
        let mut ids_restore = [0; N];
        for (place, id) in ids_shuffle.iter().enumerate() {
            if let Some(restore) = ids_restore.get_mut(usize::from(*id)) {
                *restore = place as u16;
            }
        }
        Self { ids_shuffle, ids_restore }
    }

    /// The tokens in shuffled order, the visible ones first.
    pub fn ids_shuffle(&self) -> &[u16; N] {
        &self.ids_shuffle
    }

    /// The place of each token in the shuffled order; the inverse permutation.
    pub fn ids_restore(&self) -> &[u16; N] {
        &self.ids_restore
    }

    /// The tokens that are seen, in shuffled order.
    pub fn visible(&self) -> &[u16] {
        self.ids_shuffle.get(..V).unwrap_or_default()
    }

    /// Whether each token is hidden.
    pub fn hidden(&self) -> impl Iterator<Item = bool> {
        self.ids_restore.iter().map(|place| usize::from(*place) >= V)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    #[test]
    fn the_numbers_of_the_reference() {
        let mask = Mask::<6, 2>::from_shuffle([4, 1, 3, 5, 0, 2]);
        assert_eq!(mask.ids_restore(), &[4, 1, 5, 2, 0, 3]);
        assert_eq!(mask.visible(), [4, 1]);
        assert_eq!(mask.hidden().map(u8::from).collect::<Vec<_>>(), [1, 0, 1, 1, 0, 1]);
    }

    /// χ² of the visible tokens, in their order, against equal shares of all that there can be.
    fn chi_square<const N: usize, const V: usize>(orders: usize) -> f64 {
        const PER_ORDER: usize = 2000;
        let mut counts = BTreeMap::<Vec<u16>, usize>::new();
        for index in 0..PER_ORDER * orders {
            let mask = Mask::<N, V>::draw(Key::new(11, Purpose::Mask).child(index as u64));
            let mut all = mask.ids_shuffle;
            all.sort_unstable();
            assert_eq!(all, core::array::from_fn(|n| n as u16), "no permutation");
            assert!((0..N).all(|n| usize::from(mask.ids_shuffle[usize::from(mask.ids_restore[n])]) == n));
            *counts.entry(mask.visible().to_vec()).or_default() += 1;
        }
        assert_eq!(counts.len(), orders);
        counts.values().map(|count| (*count as f64 - PER_ORDER as f64).powi(2) / PER_ORDER as f64).sum()
    }

    /// The bounds are the 99.9 % points of χ² with one degree of freedom less than there are orders.
    #[test]
    fn every_order_is_as_likely_as_any_other() {
        assert!(chi_square::<4, 3>(24) < 49.7, "all permutations of 4");
        assert!(chi_square::<5, 2>(20) < 43.8, "2 of 5");
        assert!(chi_square::<7, 1>(7) < 22.5, "1 of 7");
    }

    #[test]
    fn a_key_gives_its_mask_again() {
        let key = Key::new(3, Purpose::Mask);
        assert_eq!(Mask::<16, 8>::draw(key), Mask::draw(key));
        assert_ne!(Mask::<16, 8>::draw(key), Mask::draw(key.child(1)));
    }
}
