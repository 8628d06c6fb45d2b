//! Numbers in 8 bits, in blocks that share the exponent of their largest.

use core::ops::Range;

use super::{PIECE, State, overlaps};
use crate::core::archive::Archive;
use crate::core::params::flat::window_mut;
use crate::core::rng::{Key, Stream};

/// 32 numbers in 33 bytes: a small floating-point number each, with 3 bits of mantissa and an exponent below that of the
/// largest (block-wise quantisation as by Dettmers et al. 2022, [arXiv 2110.02861](https://arxiv.org/abs/2110.02861),
/// with a code that needs no table).
///
/// `SIGNED` numbers have a sign, and 16 powers of two down from that of the largest; what is smaller becomes 0 or the smallest, the
/// nearer the likelier. Numbers without a sign have 32 powers of two, and what is smaller becomes the smallest: a mean of squares
/// that were rounded to 0 would let Adam leap.
#[derive(Clone, Copy, Debug)]
pub struct Block8<const SIGNED: bool = true> {
    codes: [u8; PIECE],
    /// Exponent field of an `f32` as large as the largest number; 0 if all are 0.
    exponent: u8,
}

const SIGN: u8 = 0x80;
const MANTISSA: u32 = 3;
/// Bits of an `f32` below those that a code keeps.
const BELOW: u32 = 23 - MANTISSA;

impl Block8 {
    /// Numbers in a block.
    pub const LEN: usize = PIECE;
}

impl<const SIGNED: bool> Block8<SIGNED> {
    /// All zeros.
    pub const ZERO: Self = Self { codes: [0; PIECE], exponent: 0 };

    /// The largest code; those of positive numbers follow each other in steps of an eighth of their power of two.
    const LARGEST: u8 = if SIGNED { 0x7f } else { 0xff };

    /// Powers of two that the codes reach down.
    const OCTAVES: u32 = (Self::LARGEST as u32 + 1) >> MANTISSA;

    /// What a code 0 stands for in the upper bits of an `f32`; all numbers are normal.
    fn base(&self) -> u32 {
        (u32::from(self.exponent) + 1).saturating_sub(Self::OCTAVES) << MANTISSA
    }

    #[inline(never)]
    fn unpack(&self, values: &mut [f32; PIECE]) {
        let base = self.base();
        for (value, code) in values.iter_mut().zip(self.codes) {
            let (magnitude, negative) = if SIGNED { (code & !SIGN, code & SIGN != 0) } else { (code, false) };
            let bits = if magnitude == 0 { 0 } else { (base + u32::from(magnitude)) << BELOW };
            *value = f32::from_bits(bits | u32::from(negative) << 31);
        }
    }

    #[inline(never)]
    fn pack(&mut self, values: &[f32; PIECE], random: &mut Stream) {
        let magnitude = |value: &f32| value.to_bits() & !(1 << 31);
        let largest = values.iter().map(magnitude).max().unwrap_or(0);
        // One more if rounding up would leave the power of two. With too small an exponent the smallest code would not
        // be a normal number.
        let exponent = (largest + ((1 << BELOW) - 1)) >> 23;
        self.exponent = if largest == 0 { 0 } else { exponent.clamp(Self::OCTAVES + 1, 254) as u8 };
        let base = self.base();
        for (code, value) in self.codes.iter_mut().zip(values) {
            let (bits, random) = (magnitude(value), random.bits());
            *code = Self::code(bits, base, random).min(Self::LARGEST);
            if SIGNED && value.is_sign_negative() && *code > 0 {
                *code |= SIGN;
            }
        }
    }

    /// The code of a number that is not negative.
    fn code(bits: u32, base: u32, random: u32) -> u8 {
        let rounded = (bits + (random >> (32 - BELOW))) >> BELOW;
        if rounded > base {
            return u8::try_from(rounded - base).unwrap_or(u8::MAX);
        }
        let smallest = f32::from_bits((base + 1) << BELOW);
        let share = f32::from_bits(bits) / smallest;
        let up = if SIGNED { (random >> 8) as f32 * (1.0 / (1 << 24) as f32) < share } else { bits > 0 };
        u8::from(up)
    }
}

impl<const SIGNED: bool, const B: usize> State for [Block8<SIGNED>; B] {
    const NAME: &'static str = "8bit";
    type NonNegative = [Block8<false>; B];
    const ZERO: Self = [Block8::ZERO; B];
    const CAPACITY: usize = B * PIECE;

    fn clear(&mut self) {
        self.fill(Block8::ZERO);
    }

    fn persist(&mut self, count: usize, archive: &mut Archive) {
        for Block8 { codes, exponent } in window_mut(self, 0, count.div_ceil(PIECE)) {
            archive.bytes(codes);
            archive.bytes(core::slice::from_mut(exponent));
        }
    }

    fn edit(&mut self, places: Range<usize>, key: Key, work: &mut dyn FnMut(Range<usize>, &mut [f32])) {
        debug_assert!(places.end <= Self::CAPACITY, "number {} of {}", places.end, Self::CAPACITY);
        let first_block = places.start / PIECE;
        for (block, overlap) in self.iter_mut().skip(first_block).zip(overlaps(places)) {
            let mut values = [0.0; PIECE];
            block.unpack(&mut values);
            let inside = overlap.inside();
            work(overlap.places, window_mut(&mut values, inside.start, inside.len()));
            block.pack(&values, &mut key.child(overlap.index as u64).stream());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;

    const KEY: Key = Key::new(3, Purpose::Rounding);

    fn through<const SIGNED: bool>(values: [f32; PIECE], seed: u64) -> [f32; PIECE] {
        let (mut block, mut back) = (Block8::<SIGNED>::ZERO, [0.0; PIECE]);
        block.pack(&values, &mut KEY.child(seed).stream());
        block.unpack(&mut back);
        back
    }

    /// Magnitudes over 14 powers of two, of either sign.
    fn wide() -> [f32; PIECE] {
        core::array::from_fn(|i| libm::expf(-0.3 * i as f32) * 1.234e-5 * if i % 3 == 0 { -1.0 } else { 1.0 })
    }

    #[test]
    fn a_number_comes_back_within_an_eighth_and_right_on_average() {
        let values = wide();
        let mut mean = [0.0; PIECE];
        for seed in 0..4096 {
            for ((mean, back), value) in mean.iter_mut().zip(through::<true>(values, seed)).zip(values) {
                assert!((back / value - 1.0).abs() <= 0.125, "{value} {back}");
                *mean += f64::from(back) / 4096.0;
            }
        }
        for (mean, value) in mean.iter().zip(values) {
            assert!((mean / f64::from(value) - 1.0).abs() < 4e-3, "{value} {mean}");
        }
    }

    #[test]
    fn what_came_back_stays() {
        let once = through::<true>(wide(), 1);
        assert_eq!(through::<true>(once, 2), once);
        let squares = once.map(|value| value * value);
        let once = through::<false>(squares, 1);
        assert_eq!(through::<false>(once, 2), once);
    }

    #[test]
    fn small_numbers_beside_a_large_one() {
        let mut values = [0.0; PIECE];
        (values[0], values[1], values[2]) = (1.0, 1e-6, -1e-6);
        let mean = (0..100_000).map(|seed| f64::from(through::<true>(values, seed)[1])).sum::<f64>() / 1e5;
        assert!((mean / 1e-6 - 1.0).abs() < 0.1, "right on average, although the smallest is larger: {mean:e}");
        assert!(through::<true>(values, 0)[3..].iter().all(|value| *value == 0.0));
        (values[1], values[2]) = (1e-20, 0.0);
        let back = through::<false>(values, 0);
        assert!(back[1] > 0.0 && back[1] < 1e-9 && back[2] == 0.0, "never 0 unless it was: {back:?}");
    }

    #[test]
    fn the_ends_of_the_range() {
        for value in [f32::MIN_POSITIVE, 1e-38, 1e-30, 1.0, 1.99, 3e38] {
            let mut values = [0.0; PIECE];
            values[5] = value;
            let (signed, unsigned) = (through::<true>(values, 1)[5], through::<false>(values, 1)[5]);
            if value > 1e-25 {
                assert!((signed / value - 1.0).abs() <= 0.125 && (unsigned / value - 1.0).abs() <= 0.125, "{value}");
            }
            assert!(signed.is_finite() && unsigned.is_finite() && unsigned > 0.0);
        }
        assert_eq!(through::<true>([0.0; PIECE], 1), [0.0; PIECE]);
    }
}
