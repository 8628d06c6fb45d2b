//! Instructions of 16 bits.

use super::instruction::{Class, Instruction, bits};
use super::registers::Registers;

/// From its two bytes.
pub(super) fn decode(code: u32) -> Instruction {
    let instruction = match code >> 12 {
        0 | 1 => data(code).of(operands(code)),
        // Comparison with a number.
        2 if bits(code, 11, 1) == 1 => Instruction::new(Class::Data).of(Registers::core(bits(code, 8, 3))),
        3 => with_number(code).of(Registers::core(bits(code, 8, 3))),
        2 | 10 => with_number(code),
        4 => group_4(code),
        5 => indexed(code),
        6..=8 => memory(bits(code, 11, 1) == 1, Registers::core(code & 7)).at(Registers::core(bits(code, 3, 3))),
        9 => memory(bits(code, 11, 1) == 1, Registers::core(bits(code, 8, 3))).at(Registers::SP),
        11 => miscellaneous(code),
        12 => multiple(code & 0xff).at(Registers::core(bits(code, 8, 3))),
        _ => Instruction::new(Class::Branch),
    };
    instruction.narrow()
}

/// Of a shift by a number, or of an addition of a number or of a second register.
fn operands(code: u32) -> Registers {
    let left = Registers::core(bits(code, 3, 3));
    let adds_register = bits(code, 10, 3) == 0b110;
    if adds_register { left | Registers::core(bits(code, 6, 3)) } else { left }
}

fn with_number(code: u32) -> Instruction {
    Instruction::new(Class::Data).to(Registers::core(bits(code, 8, 3)))
}

fn data(code: u32) -> Instruction {
    Instruction::new(Class::Data).to(Registers::core(code & 7))
}

fn memory(load: bool, register: Registers) -> Instruction {
    if load { Instruction::new(Class::Load).to(register) } else { Instruction::new(Class::Store { indexed: false }) }
}

fn multiple(list: u32) -> Instruction {
    Instruction::new(Class::Multiple { words: list.count_ones() })
}

fn group_4(code: u32) -> Instruction {
    let low = Registers::core(code & 7) | Registers::core(bits(code, 3, 3));
    let (left, right) = (Registers::core(bits(code, 7, 1) << 3 | code & 7), Registers::core(bits(code, 3, 4)));
    match bits(code, 10, 2) {
        // TST, CMP, CMN
        0 if [8, 10, 11].contains(&bits(code, 6, 4)) => Instruction::new(Class::Data).of(low),
        0 => data(code).of(low),
        1 => match bits(code, 8, 2) {
            0 => Instruction::new(Class::Data).to(left).of(left | right),
            1 => Instruction::new(Class::Data).of(left | right),
            2 => Instruction::new(Class::Data).to(left).of(right),
            _ => Instruction::new(Class::Branch).of(right),
        },
        _ => Instruction::new(Class::Load).to(Registers::core(bits(code, 8, 3))).at(Registers::PC),
    }
}

fn indexed(code: u32) -> Instruction {
    let address = Registers::core(bits(code, 3, 3)) | Registers::core(bits(code, 6, 3));
    // STR, STRH and STRB come first.
    let instruction = match bits(code, 9, 3) {
        0..=2 => Instruction::new(Class::Store { indexed: true }),
        _ => Instruction::new(Class::Load).to(Registers::core(code & 7)),
    };
    instruction.at(address)
}

fn miscellaneous(code: u32) -> Instruction {
    match bits(code, 8, 4) {
        0 => Instruction::new(Class::Data).to(Registers::SP),
        // CBZ, CBNZ
        1 | 3 | 9 | 11 => Instruction::new(Class::Branch).of(Registers::core(code & 7)),
        // PUSH and POP, with LR or PC in bit 8.
        4 | 5 | 12 => multiple(code & 0x1ff).at(Registers::SP),
        13 => multiple(code & 0x1ff).to(Registers::PC).at(Registers::SP),
        // SXTB and its kin, REV and its kin.
        2 | 10 => data(code).of(Registers::core(bits(code, 3, 3))),
        _ => Instruction::new(Class::Data),
    }
}
