//! Instructions of 32 bits, of the core.

use super::float;
use super::instruction::{Class, Instruction, bits};
use super::registers::Registers;

/// From its first and its last two bytes.
pub(super) fn decode(first: u32, second: u32) -> Instruction {
    match (bits(first, 11, 2), bits(first, 9, 2)) {
        (1 | 3, 2 | 3) => float::decode(first, second),
        (1, 0) if bits(first, 6, 1) == 0 => multiple(first, second),
        (1, 0) => pair(first, second),
        (1, _) => data(first, second).of(Registers::core(first) | Registers::core(second)),
        (2, _) if bits(second, 15, 1) == 1 => branch(first, second),
        (2, _) => data(first, second).of(left_of_number(first)),
        (_, 0) => single(first, second),
        _ => registers(first, second),
    }
}

/// A result in register 15 stands for a comparison.
fn data(first: u32, second: u32) -> Instruction {
    let result = bits(second, 8, 4);
    let compares = result == 15 && bits(first, 4, 1) == 1;
    Instruction::new(Class::Data).to(if compares { Registers::NONE } else { Registers::core(result) })
}

/// The operand beside a number in the instruction. `MOVW` and `MOVT` have a part of that number in its place.
fn left_of_number(first: u32) -> Registers {
    let moves = bits(first, 9, 1) == 1 && bits(first, 4, 3) == 4 && bits(first, 8, 1) == 0;
    if moves { Registers::NONE } else { Registers::core(first) }
}

fn multiple(first: u32, second: u32) -> Instruction {
    let returns = bits(first, 4, 1) == 1 && bits(second, 15, 1) == 1;
    let result = if returns { Registers::PC } else { Registers::NONE };
    Instruction::new(Class::Multiple { words: second.count_ones() }).to(result).at(Registers::core(first))
}

/// Two registers, a table of branches, or access that excludes others.
fn pair(first: u32, second: u32) -> Instruction {
    let base = Registers::core(first);
    let write_back = bits(first, 5, 1) == 1;
    let before = bits(first, 8, 1) == 1;
    if before || write_back {
        return Instruction::new(Class::Pair).at(base);
    }
    let table = bits(first, 4, 4) == 13 && bits(second, 5, 3) == 0;
    if table {
        return Instruction::new(Class::TableBranch).at(base | Registers::core(second));
    }
    if bits(first, 4, 1) == 1 {
        Instruction::new(Class::Load).to(Registers::core(second >> 12)).at(base)
    } else {
        Instruction::new(Class::Store { indexed: false }).at(base)
    }
}

/// Branches, and what is encoded beside them: barriers, hints, special registers.
fn branch(first: u32, second: u32) -> Instruction {
    let conditional = second & 0x5000 == 0;
    let special = bits(first, 7, 3) == 7;
    if conditional && special {
        // MRS has a result.
        let reads = bits(first, 5, 2) == 3;
        let result = if reads { Registers::core(bits(second, 8, 4)) } else { Registers::NONE };
        return Instruction::new(Class::Data).to(result);
    }
    Instruction::new(Class::Branch)
}

/// Loads and stores of one register.
fn single(first: u32, second: u32) -> Instruction {
    let (base, register) = (Registers::core(first), second >> 12);
    let from_counter = first & 15 == 15;
    let indexed = !from_counter && bits(first, 7, 1) == 0 && bits(second, 11, 1) == 0;
    let address = if indexed { base | Registers::core(second) } else { base };
    let word = bits(first, 5, 2) == 2;
    if bits(first, 4, 1) == 0 {
        Instruction::new(Class::Store { indexed }).at(address)
    } else if register == 15 && !word {
        // PLD, a hint.
        Instruction::new(Class::Data)
    } else {
        Instruction::new(Class::Load).to(Registers::core(register)).at(address)
    }
}

/// Shifts, extensions, products and quotients of registers.
fn registers(first: u32, second: u32) -> Instruction {
    let result = Registers::core(bits(second, 8, 4));
    let operands = Registers::core(first) | Registers::core(second);
    let long = bits(first, 7, 4) == 7;
    if !long {
        return Instruction::new(Class::Data).to(result).of(operands);
    }
    // SDIV, UDIV; the others have the lower half of their product in a second register.
    if matches!(bits(first, 4, 3), 1 | 3) {
        Instruction::new(Class::Divide).to(result).of(operands)
    } else {
        Instruction::new(Class::Data).to(result | Registers::core(second >> 12)).of(operands)
    }
}
