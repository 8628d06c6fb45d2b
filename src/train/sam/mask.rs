//! Which weights are moved.

use crate::core::archive::Archive;
use crate::core::rng::Key;
use crate::core::setting::Settings;

/// Names the weights that a perturbation moves.
pub trait Mask {
    /// Its settings.
    type Config: Copy + Settings;
    /// All-zero bits.
    const ZERO: Self;
    /// For how many weights it has bits; `usize::MAX` if it needs none.
    const CAPACITY: usize;
    /// Bytes of these bits.
    const BYTES: usize;
    /// Whether the copy of the weights must have room for all of them.
    const WHOLE: bool;

    /// Whether it chooses by the squared gradients of samples that are shown to it between steps.
    const OBSERVES: bool = false;

    /// Begins a run with `trained` weights, of which there is room for `room`.
    fn init(&mut self, config: Self::Config, trained: usize, room: usize, key: Key);

    /// Looks at the first gradient of step number `step`.
    fn prepare(&mut self, gradient: &[f32], step: u32);

    /// Adds what the gradient of a single sample says to the information, as long as what is trained.
    fn observe(&mut self, _information: &mut [f32], _gradient: &[f32]) {}

    /// Chooses by the information.
    fn select(&mut self, _information: &[f32]) {}

    /// Shows settings and bits to `archive`.
    fn persist(&mut self, archive: &mut Archive);

    /// Whether the weight at this place is moved.
    fn has(&self, place: usize) -> bool;
}

/// Every weight is moved.
#[derive(Clone, Copy, Debug)]
pub struct NoMask;

impl Mask for NoMask {
    type Config = ();

    const ZERO: Self = Self;
    const CAPACITY: usize = usize::MAX;
    const BYTES: usize = 0;
    const WHOLE: bool = true;

    fn init(&mut self, (): (), _: usize, _: usize, _: Key) {}

    fn prepare(&mut self, _: &[f32], _: u32) {}

    fn persist(&mut self, _: &mut Archive) {}

    fn has(&self, _: usize) -> bool {
        true
    }
}

/// A bit for each weight: `[u32; Net::TRAINABLE.div_ceil(32)]`.
pub(crate) trait Bits {
    /// All zeros.
    const ZERO: Self;
    /// Number of bits.
    const LEN: usize;

    /// The bit at this place; `false` beyond the end.
    fn get(&self, place: usize) -> bool;

    /// Sets the bit at this place; nothing beyond the end.
    fn set(&mut self, place: usize, bit: bool);

    /// All bits, those of a word from its lowest on.
    fn words_mut(&mut self) -> &mut [u32];
}

impl<const N: usize> Bits for [u32; N] {
    const ZERO: Self = [0; N];
    const LEN: usize = 32 * N;

    fn get(&self, place: usize) -> bool {
        self.as_slice().get(place / 32).is_some_and(|word| word >> (place % 32) & 1 == 1)
    }

    fn set(&mut self, place: usize, bit: bool) {
        if let Some(word) = self.get_mut(place / 32) {
            *word = *word & !(1 << (place % 32)) | u32::from(bit) << (place % 32);
        }
    }

    fn words_mut(&mut self) -> &mut [u32] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_keep_to_their_places() {
        let mut bits = <[u32; 2]>::ZERO;
        for place in [0, 31, 32, 63, 64] {
            Bits::set(&mut bits, place, true);
        }
        assert_eq!(bits, [0x8000_0001; 2]);
        Bits::set(&mut bits, 31, false);
        let there: std::vec::Vec<_> = (0..70).filter(|place| Bits::get(&bits, *place)).collect();
        assert_eq!(there, [0, 32, 63]);
    }
}
