//! What instructions cost on a Cortex-M33F whose memories answer at once. Arm publishes no table; what is measured on a chip of
//! version r1p0 stands in `docs/speed.md` with its source, as does what is assumed. 16-bit instructions that the processor can
//! issue in pairs count one by one.

use super::instruction::{Class, Instruction};
use super::price::Price;

/// The table.
pub const PRICE: Price = Price { alone, refill, behind };

/// Of an integer division: nobody says. As on the Cortex-M4.
const DIVIDE: u64 = 7;

/// Of `VDIV` and `VSQRT`: nobody says either.
const FLOAT_DIVIDE: u64 = 14;

fn alone(instruction: &Instruction) -> u64 {
    match instruction.class {
        Class::Data | Class::Branch | Class::Load | Class::Store { .. } => 1,
        Class::FloatMove | Class::FloatArithmetic | Class::FloatTransfer => 1,
        Class::Divide => DIVIDE,
        Class::TableBranch | Class::Pair => 2,
        Class::FloatLoad { words } | Class::FloatStore { words } => u64::from(words),
        Class::Multiple { words } | Class::FloatMultiple { words } => u64::from(words),
        // One, but no other of the floating-point unit in the two that follow.
        Class::FloatMultiplyAdd => 3,
        Class::FloatDivide => FLOAT_DIVIDE,
    }
}

/// An address that comes from memory is there later than that in the instruction.
fn refill(instruction: &Instruction) -> u64 {
    if instruction.class == Class::Branch { 1 } else { 2 }
}

/// What has just been loaded to the core, moved there or computed by the floating-point unit is there a cycle later.
fn behind(previous: &Instruction, instruction: &Instruction) -> i64 {
    let is_late = matches!(
        previous.class,
        Class::Load | Class::FloatTransfer | Class::FloatArithmetic | Class::FloatMultiplyAdd | Class::FloatDivide
    );
    // From the core to the unit it takes no longer.
    let to_unit = previous.class == Class::FloatTransfer && !previous.result.is_core();
    i64::from(is_late && !to_unit && previous.result.meet(instruction.operands | instruction.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::cycles::price::code;

    #[test]
    fn instructions_alone() {
        for (digits, name, cycles) in [
            ("bf00", "nop", 1),
            ("fb00 1002", "mla r0, r0, r2, r1", 1),
            ("fb90 f0f1", "sdiv r0, r0, r1", 7),
            ("6801", "ldr r1, [r0, #0]", 1),
            ("5081", "str r1, [r0, r2]", 1),
            ("e9d0 1201", "ldrd r1, r2, [r0, #4]", 2),
            ("e8bd 01f0", "ldmia.w sp!, {r4-r8}", 5),
            ("ed90 0a02", "vldr s0, [r0, #8]", 1),
            ("ed90 0b02", "vldr d0, [r0, #8]", 2),
            ("ed80 0a02", "vstr s0, [r0, #8]", 1),
            ("ed2d 8b0c", "vpush {d8-d13}", 12),
            ("ee00 0a90", "vmov s1, r0", 1),
            ("eeb4 0a60", "vcmp.f32 s0, s1", 1),
            ("ee30 0a20", "vadd.f32 s0, s0, s1", 1),
            ("ee20 0a20", "vmul.f32 s0, s0, s1", 1),
            ("ee01 0a20", "vmla.f32 s0, s2, s1", 3),
            ("ee80 0a20", "vdiv.f32 s0, s0, s1", 14),
        ] {
            assert_eq!(PRICE.all(&code(digits), 1, 0), cycles, "{name}");
        }
    }

    #[test]
    fn jumps_fill_the_pipeline_again() {
        for (digits, name, stays, jumps) in
            [("d1fe", "bne", 1, 2), ("4770", "bx lr", 1, 2), ("bdd0", "pop {r4, r6, r7, pc}", 1, 6)]
        {
            assert_eq!([0, 1].map(|taken| PRICE.all(&code(digits), 1, taken)), [stays, jumps], "{name}");
        }
    }

    #[test]
    fn neighbours_wait() {
        for (first, second, change, why) in [
            ("6801", "6842", 0, "a load behind a load"),
            ("6800", "6842", 1, "its address has just been loaded"),
            ("6801", "1c48", 1, "adds r0, r1, #1 of what has just been loaded"),
            ("6801", "1882", 0, "adds r2, r0, r2 of other registers"),
            ("6802", "1882", 1, "adds r2, r0, r2 of what has just been loaded"),
            ("6801", "4288", 1, "cmp r0, r1"),
            ("6801", "f101 0010", 1, "add.w r0, r1, #16"),
            ("6801", "eb00 0081", 1, "add.w r0, r0, r1, lsl #2"),
            ("6801", "f241 0001", 0, "movw r0, #4097"),
            ("6801", "fb00 f101", 1, "mul r1, r0, r1"),
            ("6801", "fb00 1002", 0, "mla r0, r0, r2, r1: the addend has time"),
            ("6801", "b101", 1, "cbz r1"),
            ("6801", "ee00 1a90", 1, "vmov s1, r1"),
            ("6801", "6041", 0, "str r1, [r0, #4] of what has just been loaded"),
            ("3004", "6842", 0, "an address that has just been computed"),
            ("ee30 0a20", "ee20 1a01", 1, "a factor that has just been computed"),
            ("ee30 0a20", "ed80 0a00", 1, "a store of what has"),
            ("ee30 0a20", "ee02 0a21", 0, "an addend that has"),
            ("ed90 0a00", "ee20 1a01", 0, "a factor that has just been loaded"),
            ("ee10 1a10", "1c48", 1, "adds r0, r1, #1 of what has come from the unit"),
            ("ee00 0a10", "ee20 1a01", 0, "a factor that has come from the core"),
        ] {
            assert_eq!((PRICE.behind)(&code(first), &code(second)), change, "{why}");
        }
    }
}
