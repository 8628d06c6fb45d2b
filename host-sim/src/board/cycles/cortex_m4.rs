//! What instructions cost on a Cortex-M4F whose memories answer at once, by the tables of ARM's reference manual.

use super::instruction::{Class, Instruction};
use super::price::Price;
use super::registers::Registers;

/// The table.
pub const PRICE: Price = Price { alone, refill: |_| REFILL, behind };

/// To fill the pipeline again after a jump; the manual says 1 to 3.
const REFILL: u64 = 2;

/// Of an integer division; the manual says 2 to 12, depending on the numbers.
const DIVIDE: u64 = 7;

/// Cycles of an instruction by itself, when it does not jump.
fn alone(instruction: &Instruction) -> u64 {
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

/// Loads are pipelined behind loads. An
/// address waits for the arithmetic that it comes from, and floating-point arithmetic for the operand that has just
/// been computed; the addend of `VMLA` has time.
fn behind(previous: &Instruction, instruction: &Instruction) -> i64 {
    if follows_load(previous, instruction) {
        -1
    } else {
        i64::from(waits_for_address(previous, instruction) || waits_for_operand(previous, instruction))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::cycles::price::code;

    #[test]
    fn instructions_alone() {
        for (digits, name, cycles) in [
            ("bf00", "nop", 1),
            ("bf08", "it eq", 1),
            ("1c40", "adds r0, r0, #1", 1),
            ("fb00 1002", "mla r0, r0, r2, r1", 1),
            ("fba0 2301", "umull r2, r3, r0, r1", 1),
            ("fb90 f0f1", "sdiv r0, r0, r1", 7),
            ("fbb0 f0f1", "udiv r0, r0, r1", 7),
            ("6801", "ldr r1, [r0, #0]", 2),
            ("f8d0 1010", "ldr.w r1, [r0, #16]", 2),
            ("4801", "ldr r0, [pc, #4]", 2),
            ("f890 f000", "pld [r0]", 1),
            ("6001", "str r1, [r0, #0]", 1),
            ("5081", "str r1, [r0, r2]", 2),
            ("f840 1022", "str.w r1, [r0, r2, lsl #2]", 2),
            ("f840 1b04", "str.w r1, [r0], #4", 1),
            ("e9d0 1201", "ldrd r1, r2, [r0, #4]", 3),
            ("e8bd 01f0", "ldmia.w sp!, {r4-r8}", 6),
            ("b5d0", "push {r4, r6, r7, lr}", 5),
            ("ed90 0a02", "vldr s0, [r0, #8]", 2),
            ("ed90 0b02", "vldr d0, [r0, #8]", 3),
            ("ed80 0a02", "vstr s0, [r0, #8]", 2),
            ("ecbe 4a01", "vldmia lr!, {s8}", 2),
            ("ed2d 8b0c", "vpush {d8-d13}", 13),
            ("ee00 0a90", "vmov s1, r0", 2),
            ("ec51 0b10", "vmov r0, r1, d0", 2),
            ("eeb0 0a40", "vmov.f32 s0, s0", 1),
            ("eeb4 0a60", "vcmp.f32 s0, s1", 1),
            ("eef1 fa10", "vmrs APSR_nzcv, fpscr", 1),
            ("ee30 0a20", "vadd.f32 s0, s0, s1", 1),
            ("ee20 0a20", "vmul.f32 s0, s0, s1", 1),
            ("eeb8 0ac0", "vcvt.f32.s32 s0, s0", 1),
            ("ee01 0a20", "vmla.f32 s0, s2, s1", 3),
            ("eea1 0a20", "vfma.f32 s0, s2, s1", 3),
            ("ee80 0a20", "vdiv.f32 s0, s0, s1", 14),
            ("eeb1 0ac0", "vsqrt.f32 s0, s0", 14),
        ] {
            assert_eq!(PRICE.all(&code(digits), 1, 0), cycles, "{name}");
        }
    }

    #[test]
    fn jumps_fill_the_pipeline_again() {
        for (digits, name, stays, jumps) in [
            ("d1fe", "bne", 1, 3),
            ("f47f affe", "bne.w", 1, 3),
            ("b108", "cbz r0", 1, 3),
            ("4770", "bx lr", 1, 3),
            ("f7ff fffe", "bl", 1, 3),
            ("e8df f000", "tbb [pc, r0]", 2, 4),
            // A condition decides whether they are executed at all.
            ("bdd0", "pop {r4, r6, r7, pc}", 1, 7),
            ("e8bd 81f0", "ldmia.w sp!, {r4-r8, pc}", 1, 9),
            ("f85d fb04", "ldr.w pc, [sp], #4", 1, 4),
        ] {
            let instruction = code(digits);
            assert_eq!([0, 1].map(|taken| PRICE.all(&instruction, 1, taken)), [stays, jumps], "{name}");
            assert_eq!(PRICE.all(&instruction, 10, 4), 6 * stays + 4 * jumps, "{name}");
        }
    }

    #[test]
    fn neighbours_help_and_hinder() {
        for (first, second, change, why) in [
            ("6801", "6842", -1, "a load behind a load"),
            ("ed90 0a00", "edd0 0a01", -1, "the same in the floating-point unit"),
            ("edd0 0a01", "ed80 0a00", -1, "a store behind a load"),
            ("6800", "6842", 0, "its address has just been loaded"),
            ("6801", "f850 fb04", 0, "a load of the program counter"),
            ("3004", "6842", 1, "an address that has just been computed"),
            ("2804", "6842", 0, "a comparison, which has no result"),
            ("3104", "6842", 0, "another register"),
            ("ee30 0a20", "ee20 1a01", 1, "a factor that has just been computed"),
            ("ee30 0a20", "ee02 0a21", 0, "an addend that has"),
            ("ee30 0a20", "ed80 0a00", 1, "a store of what has"),
            ("ee30 0a20", "eeb4 0a60", 1, "a comparison of what has"),
            ("ed90 0a00", "ee20 1a01", 0, "a factor that has just been loaded"),
        ] {
            assert_eq!(behind(&code(first), &code(second)), change, "{why}");
        }
    }
}
