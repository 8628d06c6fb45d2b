//! Sets of registers.

use std::ops::BitOr;

/// Some of the core's 16 registers and of the floating-point unit's 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers(u64);

const FLOAT: u32 = 32;

impl Registers {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// The stack pointer.
    pub const SP: Self = Self(1 << 13);
    /// The program counter.
    pub const PC: Self = Self(1 << 15);

    /// Core register of that number; only the lowest four bits count.
    pub fn core(number: u32) -> Self {
        Self(1 << (number & 15))
    }

    /// Single-precision register of that number; only the lowest five bits count.
    pub fn single(number: u32) -> Self {
        Self(1 << (FLOAT + (number & 31)))
    }

    /// Whether all of them are the core's.
    pub fn is_core(self) -> bool {
        self.0 >> FLOAT == 0
    }

    /// Whether some register is in both.
    pub fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Registers {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
