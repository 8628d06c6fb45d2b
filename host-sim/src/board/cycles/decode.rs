//! From the bytes of code to an instruction.

use super::instruction::{Class, Instruction};
use super::{narrow, wide};

/// From the first two bytes of an instruction and those that follow.
pub type Decoder = fn(u16, u16) -> Instruction;

/// Of a Cortex-M.
pub fn thumb(first: u16, second: u16) -> Instruction {
    let is_wide = first >> 11 > 0b11100;
    if is_wide { wide::decode(u32::from(first), u32::from(second)) } else { narrow::decode(u32::from(first)) }
}

/// Of RISC-V, whose instructions are only counted.
pub fn riscv(first: u16, _: u16) -> Instruction {
    let instruction = Instruction::new(Class::Data);
    if first & 0b11 == 0b11 { instruction } else { instruction.narrow() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_of_riscv_have_their_lengths() {
        for (first, name, bytes) in
            [(0x0513, "li a0, 0", 4), (0x80ef, "jal", 4), (0x8082, "ret", 2), (0x4501, "c.li", 2)]
        {
            assert_eq!(riscv(first, 0).bytes, bytes, "{name}");
        }
    }
}
