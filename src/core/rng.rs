//! Random numbers named by a path of counters, so that one `u64` seed fixes them all on every target.
//!
//! A [`Key`] is a position in a tree: seed, purpose, step, sample, block, layer. Whoever holds the same key draws the
//! same numbers, which is why a dropout mask is drawn again in the backward pass instead of being stored, and why two
//! forward passes of one sample see the same masks.

use rand_core::{Rng as _, SeedableRng};
use rand_xorshift::XorShiftRng;

use crate::core::archive::Archive;

/// A node of the tree of random streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Key(u64);

/// What a run draws random numbers for: the first step down from the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Purpose {
    /// The weights at the start.
    Init = 1,
    /// The order of the samples in an epoch.
    Order = 2,
    /// Dropout and drop path.
    Mask = 3,
    /// Which way numbers in few bits are rounded.
    Rounding = 4,
    /// A first direction to look for curvature in, and directions of a picture of the loss.
    Direction = 5,
    /// Which weights are moved to the point whose gradient counts.
    Perturbation = 6,
    /// Which samples are kept to be learnt from again.
    Replay = 7,
    /// Noise on what a device has learnt, before it leaves the device.
    Delta = 8,
}

impl Key {
    /// All-zero bits, where there is no key yet.
    pub(crate) const ZERO: Self = Self(0);

    /// The root for a seed and a purpose.
    pub const fn new(seed: u64, purpose: Purpose) -> Self {
        Self(mix(seed)).child(purpose as u64)
    }

    /// The child with number `index`; children of one key are independent of each other.
    pub const fn child(self, index: u64) -> Self {
        Self(mix(self.0 ^ mix(index.wrapping_add(GOLDEN_RATIO))))
    }

    pub(crate) fn persist(&mut self, archive: &mut Archive) {
        archive.long(&mut self.0);
    }

    /// The stream of numbers at this key; the same each time it is asked for.
    #[inline(never)]
    pub fn stream(self) -> Stream {
        let mut seed = [0; 16];
        let (low, high) = seed.split_at_mut(8);
        low.copy_from_slice(&mix(self.0.wrapping_add(GOLDEN_RATIO)).to_le_bytes());
        high.copy_from_slice(&mix(self.0.wrapping_add(GOLDEN_RATIO.wrapping_mul(2))).to_le_bytes());
        Stream(XorShiftRng::from_seed(seed))
    }
}

/// 2^64 divided by the golden ratio: the increment of SplitMix64.
const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of SplitMix64 (Steele, Lea, Flood 2014; constants of Stafford's variant 13): a bijection in
/// which every input bit reaches every output bit.
#[inline(never)]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Random numbers at one [`Key`] (xorshift128).
#[derive(Clone, Debug)]
pub struct Stream(XorShiftRng);

impl Stream {
    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in `[0, 1)`, a multiple of 2^-24.
    pub fn uniform(&mut self) -> f32 {
        self.draw24() as f32 * (1.0 / RANGE24 as f32)
    }

    /// Nearly normal, with mean 0 and deviation 1, from integers alone: the sum of twelve uniform numbers of 16 bits, which has the
    /// variance 2^32 - 1, about its mean.
    pub fn normal(&mut self) -> f32 {
        let sum: u32 = (0..6).map(|_| self.bits()).map(|bits| (bits & 0xFFFF) + (bits >> 16)).sum();
        (sum as i32 - 6 * 0xFFFF) as f32 * (1.0 / 65_536.0)
    }

    /// `true` with the given probability, to the nearest 2^-24 below it.
    pub fn chance(&mut self, threshold: Threshold) -> bool {
        self.draw24() < threshold.0
    }

    /// Uniform among the integers below `bound`, exactly; 0 for a bound of 0 or 1 (Lemire 2019,
    /// [arXiv 1805.10941](https://arxiv.org/abs/1805.10941)).
    pub fn below(&mut self, bound: u32) -> u32 {
        loop {
            let product = u64::from(self.bits()) * u64::from(bound);
            let low = product as u32;
            // 2^32 mod bound of the 2^32 draws would favour some results.
            if low >= bound || low >= bound.wrapping_neg() % bound.max(1) {
                return (product >> 32) as u32;
            }
        }
    }

    fn draw24(&mut self) -> u32 {
        self.bits() >> 8
    }
}

const RANGE24: u32 = 1 << 24;

/// A probability as the integer that 24 random bits are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold(u32);

impl Threshold {
    /// For a probability in `[0, 1]`; values outside are clamped and NaN counts as 0.
    pub fn new(probability: f32) -> Self {
        Self((probability * RANGE24 as f32) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_the_same_stream_again_and_children_differ() {
        let key = Key::new(7, Purpose::Mask);
        let (mut a, mut b) = (key.stream(), key.stream());
        assert!((0..100).all(|_| a.bits() == b.bits()));
        let mut seen = std::collections::HashSet::new();
        for i in 0..1000 {
            assert!(seen.insert(key.child(i).stream().bits()), "children collide at {i}");
        }
        assert_ne!(key.child(0).child(1), key.child(1).child(0));
    }

    #[test]
    fn integers_below_a_bound_are_all_as_likely() {
        let mut stream = Key::new(8, Purpose::Mask).stream();
        for bound in [1, 2, 3, 7, 16] {
            let mut counts = [0u32; 16];
            (0..16_000).for_each(|_| counts[stream.below(bound) as usize] += 1);
            let expected = 16_000 / bound;
            let (drawn, never) = counts.split_at(bound as usize);
            assert!(drawn.iter().all(|count| count.abs_diff(expected) < 5 * expected.isqrt().max(1)), "{counts:?}");
            assert!(never.iter().all(|count| *count == 0), "{counts:?}");
        }
        // Three quarters of 2^32: without rejection every third result would come twice as often as the others.
        let thirds = (0..3_000).filter(|_| stream.below(3 << 30).is_multiple_of(3)).count();
        assert!(thirds.abs_diff(1_000) < 130, "{thirds}");
    }

    #[test]
    fn zero_seed_is_as_good_as_any() {
        let mut stream = Key::new(0, Purpose::Init).stream();
        let mean = (0..100_000).map(|_| stream.uniform()).sum::<f32>() / 1e5;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
    }

    #[test]
    fn chance_meets_its_probability_and_its_ends() {
        let mut stream = Key::new(3, Purpose::Mask).stream();
        for p in [0.0, 0.3, 1.0] {
            let hits = (0..100_000).filter(|_| stream.chance(Threshold::new(p))).count();
            assert!((hits as f32 / 1e5 - p).abs() < 0.006, "{p}: {hits}");
            assert!(p == 0.3 || hits as f32 == p * 1e5);
        }
    }
}
