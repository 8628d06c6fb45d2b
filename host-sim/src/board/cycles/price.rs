//! What instructions cost on a processor whose memories answer at once.

use super::instruction::Instruction;
use super::registers::Registers;

/// A processor's table.
pub struct Price {
    /// Cycles of an instruction by itself, when it does not jump.
    pub alone: fn(&Instruction) -> u64,
    /// Cycles to fill the pipeline again after a jump.
    pub refill: fn(&Instruction) -> u64,
    /// Cycles that the second instruction takes more right behind the first, or less.
    pub behind: fn(&Instruction, &Instruction) -> i64,
}

impl Price {
    /// One for each, whatever it is: where cycles are not known.
    pub const INSTRUCTIONS: Self = Self { alone: |_| 1, refill: |_| 0, behind: |_, _| 0 };

    /// Cycles of a number of executions of an instruction by itself, some of which ended in a jump. A load of the program
    /// counter that does not jump was left out by a condition, which takes a cycle.
    pub fn all(&self, instruction: &Instruction, count: u64, taken: u64) -> u64 {
        let skipped = if instruction.result.meet(Registers::PC) { count - taken } else { 0 };
        skipped + (count - skipped) * (self.alone)(instruction) + taken * (self.refill)(instruction)
    }
}

/// An instruction from its hexadecimal digits, as a disassembler prints them.
#[cfg(test)]
pub fn code(digits: &str) -> Instruction {
    let mut halves = digits.split(' ').map(|half| u16::from_str_radix(half, 16).unwrap());
    let instruction = super::decode::thumb(halves.next().unwrap(), halves.next().unwrap_or(0));
    assert_eq!(instruction.bytes as usize, digits.split(' ').count() * 2, "{digits}");
    instruction
}
