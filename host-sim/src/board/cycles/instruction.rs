//! An instruction, by what decides on its cost.

use super::registers::Registers;

/// Instructions that take a similar number of cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Arithmetic, moves and comparisons of the core, `NOP` and `IT`.
    Data,
    /// `SDIV`, `UDIV`
    Divide,
    /// `B`, `BL`, `BX`, `BLX`, `CBZ`, `CBNZ`
    Branch,
    /// `TBB`, `TBH`
    TableBranch,
    /// `LDR` and its variants.
    Load,
    /// `STR` and its variants; their address may be the sum of two registers.
    Store {
        /// It is.
        indexed: bool,
    },
    /// `LDRD`, `STRD`
    Pair,
    /// `LDM`, `STM`, `PUSH`, `POP`
    Multiple {
        /// Number of registers.
        words: u32,
    },
    /// `VLDR`
    FloatLoad {
        /// Registers of 32 bits.
        words: u32,
    },
    /// `VSTR`
    FloatStore {
        /// Registers of 32 bits.
        words: u32,
    },
    /// `VLDM`, `VSTM`, `VPUSH`, `VPOP`
    FloatMultiple {
        /// Registers of 32 bits.
        words: u32,
    },
    /// `VMOV` between the core and the floating-point unit.
    FloatTransfer,
    /// `VMOV` within the floating-point unit, `VCMP`, `VMRS`, `VMSR`: their results are there at once.
    FloatMove,
    /// `VADD`, `VSUB`, `VMUL`, `VNEG`, `VABS`, `VCVT`
    FloatArithmetic,
    /// `VMLA`, `VFMA` and their variants.
    FloatMultiplyAdd,
    /// `VDIV`, `VSQRT`
    FloatDivide,
}

/// An instruction of the Thumb-2 set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// 2 or 4.
    pub bytes: u32,
    /// What it costs by itself.
    pub class: Class,
    /// Where the result goes; of several registers that are loaded, the program counter alone.
    pub result: Registers,
    /// What its address in memory is made of.
    pub address: Registers,
    /// Registers that it needs from the start. The value that the core stores and the addend of `MLA` or `VMLA` have time.
    pub operands: Registers,
}

impl Instruction {
    /// Without registers that matter.
    pub(super) fn new(class: Class) -> Self {
        let none = Registers::NONE;
        Self { bytes: 4, class, result: none, address: none, operands: none }
    }

    pub(super) fn narrow(self) -> Self {
        Self { bytes: 2, ..self }
    }

    pub(super) fn to(self, result: Registers) -> Self {
        Self { result, ..self }
    }

    pub(super) fn at(self, address: Registers) -> Self {
        Self { address, ..self }
    }

    pub(super) fn of(self, operands: Registers) -> Self {
        Self { operands, ..self }
    }
}

/// Bits `low` to `low + count - 1`.
pub(super) fn bits(value: u32, low: u32, count: u32) -> u32 {
    value >> low & ((1 << count) - 1)
}
