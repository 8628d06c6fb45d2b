//! Instructions of 16 bits.

use super::instruction::{Class, Instruction, bits};
use super::registers::Registers;

/// From its two bytes.
pub(super) fn decode(code: u32) -> Instruction {
    let instruction = match code >> 12 {
        0 | 1 => data(code),
        // Comparison with a number.
        2 if bits(code, 11, 1) == 1 => Instruction::new(Class::Data),
        2 | 3 | 10 => Instruction::new(Class::Data).to(Registers::core(bits(code, 8, 3))),
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
    match bits(code, 10, 2) {
        // TST, CMP, CMN
        0 if [8, 10, 11].contains(&bits(code, 6, 4)) => Instruction::new(Class::Data),
        0 => data(code),
        1 => match bits(code, 8, 2) {
            1 => Instruction::new(Class::Data),
            3 => Instruction::new(Class::Branch),
            _ => Instruction::new(Class::Data).to(Registers::core(bits(code, 7, 1) << 3 | code & 7)),
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
        1 | 3 | 9 | 11 => Instruction::new(Class::Branch),
        // PUSH and POP, with LR or PC in bit 8.
        4 | 5 | 12 => multiple(code & 0x1ff).at(Registers::SP),
        13 => multiple(code & 0x1ff).to(Registers::PC).at(Registers::SP),
        // SXTB and its kin, REV and its kin.
        2 | 10 => data(code),
        _ => Instruction::new(Class::Data),
    }
}
