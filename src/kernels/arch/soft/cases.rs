//! Operands at random, more often than not such that something rare happens.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xorshift::XorShiftRng;

use super::{INFINITY, SIGN};

/// A sequence of operands, the same for the same seed on every target.
pub struct Cases(XorShiftRng);

impl Cases {
    /// Another sequence for each seed.
    pub fn new(seed: u64) -> Self {
        Self(XorShiftRng::seed_from_u64(seed))
    }

    /// Any 32 bits.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number below `count`.
    pub fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(count)) >> 32) as u32
    }

    /// A float of either sign with an exponent from `first` on, `count` of them, and possibly a mantissa of few digits.
    pub fn float(&mut self, first: u32, count: u32) -> u32 {
        let (bits, exponent) = (self.bits(), first + self.below(count));
        let kept = if bits & 1 << 24 == 0 { u32::MAX } else { u32::MAX << self.below(24) };
        bits & SIGN | exponent << 23 | bits & kept & ((1 << 23) - 1)
    }

    /// The bits of two operands.
    pub fn pair(&mut self) -> [u32; 2] {
        match self.below(10) {
            0 => [self.bits(), self.bits()],
            // Usual sizes.
            1 => [self.float(115, 15), self.float(110, 20)],
            // So close that the difference cancels.
            2 => {
                let (a, close) = (self.bits(), 1 << self.below(32));
                [a, a ^ SIGN ^ close]
            }
            3 => {
                let (a, units) = (self.float(1, 253), self.below(5));
                [a, (a ^ SIGN).wrapping_add(units)]
            }
            // So far from each other that the smaller only decides which way is rounded.
            4 => {
                let (a, distance) = (self.float(40, 200), 20 + self.below(10));
                [a, self.float((a >> 23 & 0xff) - distance, 1)]
            }
            // Products about the smallest normal number, and about the largest.
            5 => {
                let exponent = 1 + self.below(100);
                [self.float(exponent, 1), self.float(101 - exponent, 30)]
            }
            6 => {
                let exponent = 128 + self.below(127);
                [self.float(exponent, 1), self.float(379 - exponent, 3)]
            }
            7 => [self.float(0, 2), self.float(0, 255)],
            8 => [self.float(0, 255), self.float(0, 2)],
            _ => [self.edge(), self.edge()],
        }
    }

    /// Zero, infinity, not a number, the smallest and largest of their kinds, and anything else.
    fn edge(&mut self) -> u32 {
        const EDGES: [u32; 10] =
            [0, 1, 0x7f_ffff, 0x80_0000, 0x80_0001, 0x3f80_0000, 0x7f7f_ffff, INFINITY, INFINITY + 1, 0x7fc0_0000];
        let (sign, place) = (self.bits() & SIGN, self.below(EDGES.len() as u32 + 2));
        sign | EDGES.get(place as usize).copied().unwrap_or_else(|| self.bits() & !SIGN)
    }
}
