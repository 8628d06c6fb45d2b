//! What instructions cost on a Cortex-M4F whose memories answer at once, by the tables of ARM's reference manual.

use super::instruction::{Class, Instruction};
use super::registers::Registers;

/// To fill the pipeline again after a jump; the manual says 1 to 3.
pub const REFILL: u64 = 2;

/// Of an integer division; the manual says 2 to 12, depending on the numbers.
const DIVIDE: u64 = 7;

/// Cycles of an instruction by itself, when it does not jump.
pub fn alone(instruction: &Instruction) -> u64 {
    match instruction.class {
        Class::Data | Class::Branch | Class::FloatMove | Class::FloatArithmetic => 1,
        Class::Divide => DIVIDE,
        Class::TableBranch | Class::Load | Class::FloatTransfer => 2,
        Class::Store { indexed } => 1 + u64::from(indexed),
        Class::Pair | Class::FloatMultiplyAdd => 3,
        Class::FloatLoad { words } | Class::FloatStore { words } => 1 + u64::from(words),
        Class::Multiple { words } | Class::FloatMultiple { words } => 1 + u64::from(words),
        Class::FloatDivide => 14,
    }
}

/// What becomes of it right behind another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Same,
    /// A cycle less.
    Less,
    /// A cycle more.
    More,
}

/// Loads are pipelined behind loads. An address waits for the arithmetic that it comes from, and floating-point
/// arithmetic for the operand that has just been worked out; an addend of `VMLA` has time.
pub fn behind(previous: &Instruction, instruction: &Instruction) -> Change {
    if follows_load(previous, instruction) {
        Change::Less
    } else if waits_for_address(previous, instruction) || waits_for_operand(previous, instruction) {
        Change::More
    } else {
        Change::Same
    }
}

fn follows_load(previous: &Instruction, instruction: &Instruction) -> bool {
    matches!(previous.class, Class::Load | Class::FloatLoad { .. })
        && matches!(instruction.class, Class::Load | Class::FloatLoad { .. } | Class::FloatStore { .. })
        && !previous.result.meet(instruction.address)
        && !instruction.result.meet(Registers::PC)
}

fn waits_for_address(previous: &Instruction, instruction: &Instruction) -> bool {
    previous.class == Class::Data && previous.result.meet(instruction.address)
}

fn waits_for_operand(previous: &Instruction, instruction: &Instruction) -> bool {
    matches!(previous.class, Class::FloatArithmetic | Class::FloatMultiplyAdd | Class::FloatDivide)
        && previous.result.meet(instruction.operands)
}
