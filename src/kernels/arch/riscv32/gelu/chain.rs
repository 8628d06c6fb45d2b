//! The chain of steps (t + c) m of GELU.
//!
//! A number is a mantissa in two's complement, of a size from 2²⁸ to 2²⁹ with five bits below its last, and an exponent one less than in
//! a float's bits; 0 has a very low one. A factor has twice the mantissa, and an exponent 126 lower.

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
        // t with a constant or another number in a4 a5, and a factor.
        r"
    .macro trainlet_constant offset
        lw a4, \offset(s10)
        lw a5, \offset+4(s10)
    .endm
    .macro trainlet_by m, e
        slli a2, \m, 1
        addi a3, \e, -126
    .endm
    .macro trainlet_by_one
        mv a2, s5
        li a3, 0
    .endm
    .macro trainlet_store l, place
        beqz a0, \l\()2f
        slli a1, a1, 23
        bltz a0, \l\()1f
        srli a0, a0, 5
        add a0, a0, a1
        j \l\()2f
    \l\()1:
        neg a0, a0
        srli a0, a0, 5
        add a0, a0, a1
        lui a1, 0x80000
        or a0, a0, a1
    \l\()2:
        sw a0, \place
    .endm
        ",
        "addi sp, sp, -64",
        "sw ra, 0(sp)",
        "sw s0, 4(sp)",
        "sw s1, 8(sp)",
        "sw s2, 12(sp)",
        "sw s3, 16(sp)",
        "sw s4, 20(sp)",
        "sw s5, 24(sp)",
        "sw s6, 28(sp)",
        "sw s7, 32(sp)",
        "sw s8, 36(sp)",
        "sw s9, 40(sp)",
        "sw s10, 44(sp)",
        "sw s11, 48(sp)",
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
        "lw ra, 0(sp)",
        "lw s0, 4(sp)",
        "lw s1, 8(sp)",
        "lw s2, 12(sp)",
        "lw s3, 16(sp)",
        "lw s4, 20(sp)",
        "lw s5, 24(sp)",
        "lw s6, 28(sp)",
        "lw s7, 32(sp)",
        "lw s8, 36(sp)",
        "lw s9, 40(sp)",
        "lw s10, 44(sp)",
        "lw s11, 48(sp)",
        "addi sp, sp, 64",
        "ret",
        // a0 a1 = (a0 a1 + a4 a5) a2 a3; t1 to t3 are lost.
        "20:",
        "sub t1, a5, a1",
        "bgeu t1, s2, 24f",
        "sra a0, a0, t1",
        "21:",
        "add a0, a0, a4",
        "mv a1, a5",
        "22:",
        "bltz a0, 40f",
        "blt a0, s4, 41f",
        "bge a0, s5, 44f",
        "23:",
        "addi a0, a0, 16",
        "andi t1, a0, 31",
        "beqz t1, 46f",
        "andi a0, a0, -32",
        // a0 a1 = a0 a1 a2 a3
        "30:",
        "slli a0, a0, 1",
        "mulh t1, a0, a2",
        "mul t2, a0, a2",
        "add a1, a1, a3",
        "beqz t2, 50f",
        "add t3, t1, s8",
        "bgeu t3, s4, 31f",
        "addi t1, t1, 4",
        "andi t1, t1, -8",
        "slli a0, t1, 2",
        "jr t0",
        "31:",
        "addi t1, t1, 8",
        "andi t1, t1, -16",
        "slli a0, t1, 1",
        "addi a1, a1, 1",
        "jr t0",
        // So much smaller that bits are lost, or larger.
        "24:",
        "bltz t1, 26f",
        "bgeu t1, s3, 25f",
        "neg t3, t1",
        "sll t3, a0, t3",
        "snez t3, t3",
        "sra a0, a0, t1",
        "or a0, a0, t3",
        "j 21b",
        "25:",
        "mv a0, a4",
        "mv a1, a5",
        "j 30b",
        "26:",
        "neg t2, t1",
        "bgeu t2, s2, 27f",
        "sra t2, a4, t2",
        "add a0, a0, t2",
        "j 22b",
        "27:",
        "bgeu t2, s3, 30b",
        "sll t3, a4, t1",
        "snez t3, t3",
        "sra t2, a4, t2",
        "or t2, t2, t3",
        "add a0, a0, t2",
        "j 22b",
        // Sums below 0, and those that have fewer digits, none, or one more.
        "40:",
        "blt s6, a0, 43f",
        "bge a0, s7, 23b",
        "j 44f",
        "41:",
        "beqz a0, 52f",
        "42:",
        "slli a0, a0, 1",
        "addi a1, a1, -1",
        "blt a0, s4, 42b",
        "j 23b",
        "43:",
        "slli a0, a0, 1",
        "addi a1, a1, -1",
        "blt s6, a0, 43b",
        "j 23b",
        "44:",
        "addi a0, a0, 32",
        "andi t1, a0, 63",
        "addi a1, a1, 1",
        "srai a0, a0, 1",
        "beqz t1, 46f",
        "andi a0, a0, -32",
        "j 30b",
        "46:",
        "andi a0, a0, -64",
        "j 30b",
        // A product without a lower half: 0, or one that may lie between two.
        "50:",
        "beqz t1, 52f",
        "add t3, t1, s8",
        "bgeu t3, s4, 51f",
        "srai t2, t1, 3",
        "andi t2, t2, 1",
        "add t1, t1, t2",
        "addi t1, t1, 3",
        "andi t1, t1, -8",
        "slli a0, t1, 2",
        "jr t0",
        "51:",
        "srai t2, t1, 4",
        "andi t2, t2, 1",
        "add t1, t1, t2",
        "addi t1, t1, 7",
        "andi t1, t1, -16",
        "slli a0, t1, 1",
        "addi a1, a1, 1",
        "jr t0",
        "52:",
        "li a0, 0",
        "li a1, -4000",
        "jr t0",
        ".purgem trainlet_constant",
        ".purgem trainlet_by",
        ".purgem trainlet_by_one",
        ".purgem trainlet_store",
        ".option pop",
    )
}
