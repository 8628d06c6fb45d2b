//! Instructions of the floating-point unit.

use super::instruction::{Class, Instruction, bits};
use super::registers::Registers;

/// From its first and its last two bytes.
pub(super) fn decode(first: u32, second: u32) -> Instruction {
    let coprocessor = bits(second, 9, 3);
    if coprocessor != 0b101 {
        return Instruction::new(Class::Data);
    }
    match (bits(first, 8, 2), bits(second, 4, 1)) {
        (0 | 1, _) => memory(first, second),
        (2, 0) => arithmetic(first, second),
        _ => transfer(first, second),
    }
}

/// Single-precision registers: four bits of the number in one place, the lowest in another.
fn destination(first: u32, second: u32) -> Registers {
    Registers::single(bits(second, 12, 4) << 1 | bits(first, 6, 1))
}

fn left(first: u32, second: u32) -> Registers {
    Registers::single(bits(first, 0, 4) << 1 | bits(second, 7, 1))
}

fn right(second: u32) -> Registers {
    Registers::single(bits(second, 0, 4) << 1 | bits(second, 5, 1))
}

/// Two single-precision registers that make a double one.
fn double(number: u32) -> Registers {
    Registers::single(2 * number) | Registers::single(2 * number + 1)
}

fn memory(first: u32, second: u32) -> Instruction {
    let before = bits(first, 8, 1) == 1;
    let (up, write_back, load) = (bits(first, 7, 1) == 1, bits(first, 5, 1) == 1, bits(first, 4, 1) == 1);
    if !before && !up && !write_back {
        return two_registers(load, second);
    }
    let address = Registers::core(first);
    if !before || write_back {
        return Instruction::new(Class::FloatMultiple { words: second & 0xff }).at(address);
    }
    let (words, register) = match bits(second, 8, 1) {
        0 => (1, destination(first, second)),
        _ => (2, double(bits(second, 12, 4))),
    };
    if load {
        Instruction::new(Class::FloatLoad { words }).to(register).at(address)
    } else {
        Instruction::new(Class::FloatStore { words }).of(register).at(address)
    }
}

/// `VMOV` of two registers of the core to or from two of the unit.
fn two_registers(to_core: bool, second: u32) -> Instruction {
    let number = bits(second, 0, 4) << 1 | bits(second, 5, 1);
    let floats = match bits(second, 8, 1) {
        0 => Registers::single(number) | Registers::single(number + 1),
        _ => double(bits(second, 0, 4)),
    };
    let instruction = Instruction::new(Class::FloatTransfer);
    if to_core { instruction.of(floats) } else { instruction.to(floats) }
}

fn arithmetic(first: u32, second: u32) -> Instruction {
    let (result, left, right) = (destination(first, second), left(first, second), right(second));
    // Bit 6 belongs to the number of a register.
    let class = match (bits(first, 7, 1), bits(first, 4, 2)) {
        (0, 0 | 1) | (1, 1 | 2) => Class::FloatMultiplyAdd,
        (0, _) => Class::FloatArithmetic,
        (_, 0) => Class::FloatDivide,
        _ => return of_one(first, second),
    };
    Instruction::new(class).to(result).of(left | right)
}

/// What has one operand, and comparisons.
fn of_one(first: u32, second: u32) -> Instruction {
    let (result, operand) = (destination(first, second), right(second));
    match (bits(first, 0, 4), bits(second, 6, 2)) {
        // An immediate number.
        (_, 0 | 2) => Instruction::new(Class::FloatMove).to(result),
        (0, 1) => Instruction::new(Class::FloatMove).to(result).of(operand),
        (1, 3) => Instruction::new(Class::FloatDivide).to(result).of(operand),
        (4, _) => Instruction::new(Class::FloatMove).of(result | operand),
        (5, _) => Instruction::new(Class::FloatMove).of(result),
        // Fixed point stays where it is.
        (10 | 11 | 14 | 15, _) => Instruction::new(Class::FloatArithmetic).to(result).of(result),
        _ => Instruction::new(Class::FloatArithmetic).to(result).of(operand),
    }
}

/// One register of the core to or from the unit, or its status.
fn transfer(first: u32, second: u32) -> Instruction {
    let status = bits(first, 5, 3) == 7;
    let to_core = bits(first, 4, 1) == 1;
    let register = left(first, second);
    match (status, to_core) {
        (true, _) => Instruction::new(Class::FloatMove),
        (false, true) => Instruction::new(Class::FloatTransfer).to(Registers::core(second >> 12)).of(register),
        (false, false) => {
            let core = Registers::core(second >> 12);
            Instruction::new(Class::FloatTransfer).to(register).of(core)
        }
    }
}
