//! From the bytes of code to an instruction.

use super::instruction::Instruction;
use super::{narrow, wide};

/// From its first two bytes and those that follow.
pub fn decode(first: u16, second: u16) -> Instruction {
    if is_wide(first) { wide::decode(u32::from(first), u32::from(second)) } else { narrow::decode(u32::from(first)) }
}

fn is_wide(first: u16) -> bool {
    first >> 11 > 0b11100
}
