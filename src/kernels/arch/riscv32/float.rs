//! The routines that a compiler calls for each operation on `f32`, in place of those that come with it and with the same bits: a
//! strong symbol goes before a weak one. Whatever a program computes with `f32` takes them, not only this library; that is why they are
//! here, in the one crate that every firmware has, behind a feature that only a firmware enables.
//!
//! Each has a second name. A linker script that gives the first one an address in ROM, as that of esp-hal does, goes before any symbol,
//! unless the linker is told `--defsym=__addsf3=trainlet_addsf3` after it.
//!
//! A mantissa lies in a register as high as it can: its leading 1 in bit 31, eight bits below its last. What is rare goes to
//! [`soft`](crate::kernels::arch::soft) with both operands as they came.

use core::arch::naked_asm;

use crate::kernels::arch::soft;

/// `a + b`
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn trainlet_addsf3(a: u32, b: u32) -> u32 {
    naked_asm!(
        ".globl __addsf3",
        "__addsf3:",
        ".option push",
        ".option arch, +m, +c",
        "slli a2, a0, 1",
        "slli a3, a1, 1",
        "lui a7, 0x80000",
        "bltu a2, a3, 3f",
        // Exponents in t0 and t1, mantissas in a4 and a5, those of the larger first; its sign in a6.
        "srli t0, a2, 24",
        "srli t1, a3, 24",
        "slli a4, a0, 8",
        "slli a5, a1, 8",
        "and a6, a0, a7",
        "2:",
        "li t2, 254",
        "beqz t1, 12f",
        "bgeu t0, t2, 14f",
        "sub t1, t0, t1",
        "xor a2, a0, a1",
        "or a4, a4, a7",
        "or a5, a5, a7",
        "li a3, 8",
        "bltu a3, t1, 9f",
        "srl a5, a5, t1",
        "4:",
        "bltz a2, 7f",
        "add a4, a4, a5",
        "bltu a4, a5, 6f",
        // Rounds eight bits away; a mantissa of 2²⁴ moves the exponent on.
        "5:",
        "slli t1, a4, 24",
        "srli a4, a4, 7",
        "addi a4, a4, 1",
        "srli a4, a4, 1",
        "beq t1, a7, 11f",
        "10:",
        "addi t0, t0, -1",
        "slli t0, t0, 23",
        "add a0, a4, t0",
        "add a0, a0, a6",
        "ret",
        // The second is the larger.
        "3:",
        "srli t0, a3, 24",
        "srli t1, a2, 24",
        "slli a4, a1, 8",
        "slli a5, a0, 8",
        "and a6, a1, a7",
        "j 2b",
        // The sum has a digit more.
        "6:",
        "andi t1, a4, 1",
        "srli a4, a4, 1",
        "or a4, a4, t1",
        "or a4, a4, a7",
        "addi t0, t0, 1",
        "j 5b",
        // A difference, which may have fewer.
        "7:",
        "sub a4, a4, a5",
        "bltz a4, 5b",
        "beqz a4, 13f",
        "8:",
        "slli a4, a4, 1",
        "addi t0, t0, -1",
        "bgez a4, 8b",
        "bgtz t0, 5b",
        "j 14f",
        // So far apart that bits are lost: the last bit says whether one of them was set.
        "9:",
        "li a3, 26",
        "bgeu t1, a3, 15f",
        "neg a3, t1",
        "sll a3, a5, a3",
        "snez a3, a3",
        "srl a5, a5, t1",
        "or a5, a5, a3",
        "j 4b",
        // A tie.
        "11:",
        "andi a4, a4, -2",
        "j 10b",
        // The smaller is zero, or subnormal; the larger may be anything.
        "12:",
        "bnez a5, 14f",
        "beqz t0, 14f",
        "bltu t2, t0, 14f",
        "or a4, a4, a7",
        // The larger.
        "15:",
        "srli a4, a4, 8",
        "j 10b",
        "13:",
        "li a0, 0",
        "ret",
        "14:",
        "tail {rare}",
        ".option pop",
        rare = sym soft::add,
    )
}

/// `a - b`
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn trainlet_subsf3(a: u32, b: u32) -> u32 {
    naked_asm!(
        ".globl __subsf3",
        "__subsf3:",
        ".option push",
        ".option arch, +m, +c",
        "lui a2, 0x80000",
        "xor a1, a1, a2",
        "tail {add}",
        ".option pop",
        add = sym trainlet_addsf3,
    )
}

/// `a b`
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn trainlet_mulsf3(a: u32, b: u32) -> u32 {
    naked_asm!(
        ".globl __mulsf3",
        "__mulsf3:",
        ".option push",
        ".option arch, +m, +c",
        "srli a2, a0, 23",
        "srli a3, a1, 23",
        "andi a2, a2, 255",
        "andi a3, a3, 255",
        "addi t0, a2, -1",
        "addi t1, a3, -1",
        "li t2, 254",
        "bgeu t0, t2, 6f",
        "bgeu t1, t2, 6f",
        "lui a7, 0x80000",
        "slli a4, a0, 8",
        "slli a5, a1, 8",
        "or a4, a4, a7",
        "or a5, a5, a7",
        "xor a6, a0, a1",
        "and a6, a6, a7",
        // One below the exponent of the result, as far as it is known.
        "add t0, t0, t1",
        "addi t0, t0, -126",
        "mulhu a2, a4, a5",
        "mul a3, a4, a5",
        "beqz a3, 5f",
        "bltz a2, 4f",
        "addi a2, a2, 64",
        "2:",
        "srli a2, a2, 7",
        // What rounds up to infinity may be one below.
        "3:",
        "bgeu t0, t2, 8f",
        "slli t0, t0, 23",
        "add a2, a2, t0",
        "add a0, a2, a6",
        "ret",
        "4:",
        "addi t0, t0, 1",
        "addi a2, a2, 128",
        "srli a2, a2, 8",
        "j 3b",
        // Nothing below the upper half: it may be a tie.
        "5:",
        "bltz a2, 7f",
        "srli a3, a2, 7",
        "andi a3, a3, 1",
        "add a2, a2, a3",
        "addi a2, a2, 63",
        "j 2b",
        "7:",
        "addi t0, t0, 1",
        "srli a3, a2, 8",
        "andi a3, a3, 1",
        "add a2, a2, a3",
        "addi a2, a2, 127",
        "srli a2, a2, 8",
        "j 3b",
        // Zero by a number.
        "6:",
        "li t2, 255",
        "beq a2, t2, 8f",
        "beq a3, t2, 8f",
        "slli t0, a0, 1",
        "beqz t0, 9f",
        "slli t0, a1, 1",
        "bnez t0, 8f",
        "9:",
        "lui a7, 0x80000",
        "xor a0, a0, a1",
        "and a0, a0, a7",
        "ret",
        "8:",
        "tail {rare}",
        ".option pop",
        rare = sym soft::multiply,
    )
}

/// `a / b`
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn trainlet_divsf3(a: u32, b: u32) -> u32 {
    naked_asm!(".globl __divsf3", "__divsf3:", "tail {divide}", divide = sym soft::divide)
}
