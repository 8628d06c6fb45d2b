//! The chain of steps (t + c) m of GELU.

use core::arch::naked_asm;

use crate::kernels::gelu::COEFFICIENTS;

/// Where numbers are within what the chain takes from memory: first the coefficients in the order of their use.
static CONSTANTS: [i32; 32] = constants();

/// The smallest magnitude that has a chain, 2⁻⁶³: none of its products is subnormal. Others are left to single operations.
const LEAST: u32 = 64 << 23;

const fn constants() -> [i32; 32] {
    let (mut constants, mut index) = ([0; 32], 1);
    while index < COEFFICIENTS.len() {
        let bits = COEFFICIENTS[index].to_bits();
        let mantissa = (((bits & ((1 << 23) - 1)) | 1 << 23) << 5) as i32;
        constants[2 * index - 2] = if bits >> 31 == 0 { mantissa } else { -mantissa };
        constants[2 * index - 1] = (bits >> 23 & 255) as i32 - 1;
        index += 1;
    }
    constants[30] = LEAST as i32;
    constants[31] = (COEFFICIENTS[0].to_bits() - LEAST) as i32;
    constants
}

/// Values of GELU, and slopes unless there is no address for them, of `count` numbers, at least one. Returns how many are left: at the first
/// that is too small, or beyond the end of the tail, it ends.
pub unsafe fn run(x: *const f32, y: *mut f32, slopes: *mut f32, count: usize) -> usize {
    // SAFETY: as the caller says.
    unsafe { chain(x, y, slopes, count, &CONSTANTS) }
}

#[unsafe(naked)]
unsafe extern "C" fn chain(x: *const f32, y: *mut f32, slopes: *mut f32, count: usize, constants: &[i32; 32]) -> usize {
    naked_asm!(
        ".option push",
        ".option arch, +m, +c",
        macros!(),
        save!(64),
        "mv s0, a0",
        "mv s1, a1",
        "sw a2, 52(sp)",
        "mv s11, a3",
        "mv s10, a4",
        "li s2, 6",
        "li s3, 28",
        "lui s4, 0x10000",
        "lui s5, 0x20000",
        "lui s6, 0xf0000",
        "lui s7, 0xe0000",
        "lui s8, 0x08000",
        // w in a6 a7.
        "2:",
        "lw s9, 0(s0)",
        "lw t2, 120(s10)",
        "lw t3, 124(s10)",
        "slli a6, s9, 1",
        "srli a6, a6, 1",
        "sub t1, a6, t2",
        "bltu t3, t1, 9f",
        "srli a7, a6, 23",
        "addi a7, a7, -1",
        "slli a6, a6, 8",
        "lui t1, 0x80000",
        "or a6, a6, t1",
        "srli a6, a6, 3",
        // The polynomial, of which the cubic is kept in t4 t5.
        "trainlet_by a6, a7",
        "lw a0, 0(s10)",
        "lw a1, 4(s10)",
        "jal t0, 30f",
        "trainlet_constant 8",
        "jal t0, 20f",
        "trainlet_constant 16",
        "jal t0, 20f",
        "mv t4, a0",
        "mv t5, a1",
        "trainlet_constant 24",
        "jal t0, 20f",
        // The squarings, of which the eighth root is kept in t6 ra.
        "trainlet_by a0, a1",
        "trainlet_constant 32",
        "jal t0, 20f",
        "trainlet_by a0, a1",
        "trainlet_constant 40",
        "jal t0, 20f",
        "mv t6, a0",
        "mv ra, a1",
        "trainlet_by a0, a1",
        "trainlet_constant 48",
        "jal t0, 20f",
        "trainlet_by a0, a1",
        "trainlet_constant 56",
        "jal t0, 20f",
        "trainlet_by_one",
        "trainlet_constant 64",
        "jal t0, 20f",
        "trainlet_by a0, a1",
        "jal t0, 30f",
        // Q, and the value.
        "sw a0, 56(sp)",
        "sw a1, 60(sp)",
        "trainlet_by a6, a7",
        "jal t0, 30f",
        "neg a0, a0",
        "bltz s9, 3f",
        "trainlet_by_one",
        "mv a4, a6",
        "mv a5, a7",
        "jal t0, 20f",
        "3:",
        "lw t2, 52(sp)",
        "addi s0, s0, 4",
        "trainlet_store 7, 0(s1)",
        "addi s1, s1, 4",
        "beqz t2, 5f",
        // The slope.
        "trainlet_by t6, ra",
        "lw a0, 72(s10)",
        "lw a1, 76(s10)",
        "jal t0, 30f",
        "trainlet_by t4, t5",
        "trainlet_constant 80",
        "jal t0, 20f",
        "trainlet_by a6, a7",
        "trainlet_constant 88",
        "jal t0, 20f",
        "trainlet_by a0, a1",
        "trainlet_constant 96",
        "jal t0, 20f",
        "trainlet_by a0, a1",
        "trainlet_constant 104",
        "jal t0, 20f",
        "trainlet_by a6, a7",
        "trainlet_constant 112",
        "jal t0, 20f",
        "lw a4, 56(sp)",
        "lw a5, 60(sp)",
        "trainlet_by a4, a5",
        "jal t0, 30f",
        "trainlet_by_one",
        "jal t0, 20f",
        "bltz s9, 4f",
        "neg a0, a0",
        "mv a4, s4",
        "li a5, 126",
        "trainlet_by_one",
        "jal t0, 20f",
        "4:",
        "lw t2, 52(sp)",
        "trainlet_store 8, 0(t2)",
        "addi t2, t2, 4",
        "sw t2, 52(sp)",
        "5:",
        "addi s11, s11, -1",
        "bnez s11, 2b",
        "9:",
        "mv a0, s11",
        restore!(64),
        steps!(),
        ".purgem trainlet_constant",
        ".purgem trainlet_by",
        ".purgem trainlet_by_one",
        ".purgem trainlet_store",
        ".option pop",
    )
}
