//! Numbers in 16 bits: the upper half of an `f32`.

use core::ops::Range;

use super::{PIECE, State, overlaps};
use crate::core::archive::Archive;
use crate::core::params::flat::window_mut;
use crate::core::rng::Key;

/// A bfloat16: sign, exponent and 7 bits of mantissa of an `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bf16(u16);

impl Bf16 {
    /// 0
    pub const ZERO: Self = Self(0);

    /// Rounds towards or away from 0, the nearer the likelier: the mean over all `random` is the number itself.
    pub fn round(value: f32, random: u16) -> Self {
        Self((value.to_bits().wrapping_add(u32::from(random)) >> 16) as u16)
    }

    /// The number, which an `f32` holds exactly.
    pub fn value(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

impl<const P: usize> State for [Bf16; P] {
    const NAME: &'static str = "bf16";
    type NonNegative = Self;
    const ZERO: Self = [Bf16::ZERO; P];
    const CAPACITY: usize = P;

    fn clear(&mut self) {
        self.fill(Bf16::ZERO);
    }

    fn persist(&mut self, count: usize, archive: &mut Archive) {
        for piece in window_mut(self, 0, count).chunks_mut(PIECE) {
            let mut bytes = [0; 2 * PIECE];
            let (words, _) = bytes.as_chunks_mut::<2>();
            words.iter_mut().zip(&*piece).for_each(|(word, Bf16(bits))| *word = bits.to_le_bytes());
            archive.bytes(bytes.get_mut(..2 * piece.len()).unwrap_or_default());
            if archive.replaces() {
                let (words, _) = bytes.as_chunks::<2>();
                piece.iter_mut().zip(words).for_each(|(Bf16(bits), word)| *bits = u16::from_le_bytes(*word));
            }
        }
    }

    fn edit(&mut self, places: Range<usize>, key: Key, work: &mut dyn FnMut(Range<usize>, &mut [f32])) {
        for overlap in overlaps(places) {
            let inside = overlap.inside();
            let mut unpacked = [0.0; PIECE];
            let packed = window_mut(self, overlap.places.start, overlap.places.len());
            let values = window_mut(&mut unpacked, inside.start, inside.len());
            for (value, packed) in values.iter_mut().zip(&*packed) {
                *value = packed.value();
            }
            work(overlap.places, values);
            // A number's random bits depend on its place alone, not on the stretch that it is changed in.
            let mut random = key.child(overlap.index as u64).stream();
            for _ in 0..inside.start {
                random.bits();
            }
            for (packed, value) in packed.iter_mut().zip(values) {
                *packed = Bf16::round(*value, (random.bits() >> 16) as u16);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;

    #[test]
    fn rounding_goes_to_a_neighbour_and_is_right_on_average() {
        for value in [1.0, -1.003, 3.7, 1e-30, -7.7e20, 1.999] {
            let mut sum = 0.0;
            for random in 0..=u16::MAX {
                let rounded = Bf16::round(value, random).value();
                assert!((rounded / value - 1.0).abs() < 1.0 / 128.0, "{value} {rounded}");
                sum += f64::from(rounded);
            }
            let mean = sum / 65_536.0;
            assert!((mean / f64::from(value) - 1.0).abs() < 1e-7, "{value}: {mean}");
        }
    }

    #[test]
    fn a_number_is_rounded_alike_whatever_is_changed_with_it() {
        let edited = |stretches: &[Range<usize>]| {
            let mut state = <[Bf16; 70]>::ZERO;
            let key = Key::new(1, Purpose::Rounding);
            for places in stretches {
                state.edit(places.clone(), key, &mut |piece, values| {
                    for (place, value) in piece.zip(values) {
                        *value = 1.0 + place as f32 * 1e-4;
                    }
                });
            }
            state
        };
        assert_eq!(edited(&[0..64, 64..70]), edited(&[40..70, 0..7, 7..33, 33..40]));
    }

    #[test]
    fn what_has_few_digits_stays() {
        for value in [0.0, 1.0, -0.5, 1.5, f32::MIN_POSITIVE, f32::INFINITY] {
            assert_eq!(Bf16::round(value, u16::MAX).value(), value);
        }
    }
}
