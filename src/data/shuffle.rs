//! The order of the samples of an epoch, without storing it.

use crate::core::rng::Key;

/// Rounds of the Feistel network; small domains need more than the four that suffice for large ones.
const ROUNDS: usize = 6;

/// Least width of a half in bits. The orders of fewer than 8 bits would be visibly uneven: a Feistel network reaches
/// the even permutations only, which shows in small domains.
const MIN_HALF: u32 = 4;

/// A pseudo-random permutation of `0..len` that takes 32 bytes, whatever `len` is.
///
/// A Feistel network is a bijection of the numbers of an even width of bits; where it leads out of `0..len` it is
/// applied again until it leads back in ("cycle walking", Black and Rogaway 2002), which takes fewer than four turns
/// on average, more for fewer than 64 samples.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shuffle {
    round_keys: [u32; ROUNDS],
    len: u32,
    /// Width of each half in bits, 4 to 16.
    half: u32,
}

impl Shuffle {
    /// The permutation of `0..len` that `key` names; a new epoch takes a new key.
    pub fn new(key: Key, len: u32) -> Self {
        let mut round_keys = [0; ROUNDS];
        for (round, round_key) in (0..).zip(&mut round_keys) {
            *round_key = key.child(round).stream().bits();
        }
        let bits = u32::BITS - len.saturating_sub(1).leading_zeros();
        Self { round_keys, len, half: bits.div_ceil(2).max(MIN_HALF) }
    }

    /// Which sample comes at place `i`; a place beyond the end is given back as it is.
    pub fn index(&self, i: u32) -> u32 {
        if i >= self.len {
            return i;
        }
        let mut index = self.permute(i);
        // Ends because the cycle of the bijection on which `i` lies comes back to `i` at the latest.
        while index >= self.len {
            index = self.permute(index);
        }
        index
    }

    /// The Feistel network on `2 * half` bits.
    fn permute(&self, x: u32) -> u32 {
        let mask = (1 << self.half) - 1;
        let (mut left, mut right) = (x >> self.half, x & mask);
        for round_key in self.round_keys {
            (left, right) = (right, left ^ (scramble(right ^ round_key) & mask));
        }
        (left << self.half) | right
    }
}

/// The finaliser of MurmurHash3 (Appleby): every bit of the input reaches every bit of the output.
fn scramble(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
    x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use std::collections::HashMap;
    use std::vec;
    use std::vec::Vec;

    fn order(epoch: u64, len: u32) -> Vec<u32> {
        let shuffle = Shuffle::new(Key::new(11, Purpose::Order).child(epoch), len);
        (0..len).map(|i| shuffle.index(i)).collect()
    }

    fn chi_square(counts: impl IntoIterator<Item = u32>, expected: f64) -> f64 {
        counts.into_iter().map(|count| (f64::from(count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn every_sample_comes_once() {
        for len in (1..=300).chain([1024, 1025, 2753, 20_011, 65_537]) {
            let mut sorted = order(u64::from(len), len);
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..len), "{len}");
        }
    }

    #[test]
    fn empty_and_largest_lengths_end() {
        assert_eq!(Shuffle::new(Key::new(0, Purpose::Order), 0).index(5), 5);
        let shuffle = Shuffle::new(Key::new(0, Purpose::Order), u32::MAX);
        assert!((0..1000).all(|i| shuffle.index(i) < u32::MAX));
    }

    #[test]
    fn each_key_has_its_own_order() {
        let orders: Vec<_> = (0..200).map(|epoch| order(epoch, 20)).collect();
        assert!((0..200).all(|i| (0..i).all(|j| orders[i] != orders[j])));
        assert_eq!(orders[7], order(7, 20), "and always the same one");
    }

    /// All 120 orders of 5 are equally likely: 119 degrees of freedom, 99.99 % of them below 182.
    #[test]
    fn every_order_of_a_few_is_equally_likely() {
        let mut counts = HashMap::new();
        (0..60_000).for_each(|epoch| *counts.entry(order(epoch, 5)).or_insert(0) += 1);
        assert_eq!(counts.len(), 120);
        let chi = chi_square(counts.into_values(), 500.0);
        assert!(chi < 182.0, "{chi}");
    }

    /// Quarter of the place against quarter of the sample, over 2,000 keys: 9 degrees of freedom, 99.99 % below 33.7.
    /// The counts vary less than independent draws would, because each row and column of one key has a fixed sum; far
    /// too small a value would be a fixed structure as well.
    #[test]
    fn place_and_sample_are_independent() {
        for len in [40, 100, 256] {
            let mut counts = [[0u32; 4]; 4];
            for epoch in 0..2000 {
                for (place, sample) in (0..).zip(order(epoch, len)) {
                    counts[place * 4 / len as usize][(sample * 4 / len) as usize] += 1;
                }
            }
            let chi = chi_square(counts.as_flattened().iter().copied(), f64::from(len) * 2000.0 / 16.0);
            assert!((0.3..33.7).contains(&chi), "{len}: {chi}");
        }
    }

    /// Random orders move a sample by a third of the length on average, and neighbours do not stay neighbours.
    #[test]
    fn samples_move_far_and_neighbours_part() {
        let (len, keys) = (2753, 50);
        let (mut moved, mut steps) = (0.0, vec![0u32; len as usize]);
        for epoch in 0..keys {
            let order = order(epoch, len);
            moved += (0..len).zip(&order).map(|(i, &x)| f64::from(i.abs_diff(x))).sum::<f64>();
            order.windows(2).for_each(|pair| steps[((pair[1] + len - pair[0]) % len) as usize] += 1);
        }
        let mean = moved / (keys as f64 * f64::from(len)) / f64::from(len);
        assert!((mean - 1.0 / 3.0).abs() < 0.005, "{mean}");
        // Each of the steps 1..len comes about 50 times: a mean of 50 with a deviation of 7.
        assert!(steps[1..].iter().all(|count| (15..95).contains(count)), "{:?}", steps[1..].iter().max());
    }
}
