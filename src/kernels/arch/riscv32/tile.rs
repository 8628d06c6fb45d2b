//! Tiles of a product: two rows by two columns, whose sums stay in registers while the [steps](super::step) run.

use core::arch::naked_asm;

/// Macros of an assembler. `split`: a word of a factor into mantissa and exponent. `unpack`: the bits of a float in `\m` into a sum; what is
/// not usual, which is -0, a subnormal number, one from 2¹¹³ on, or none, ends the work. `pack`: the way back. `t3` has the bit of the
/// sign, `t2` is 239.
macro_rules! floats {
    () => {
        r"
    .macro trainlet_split m, e
        andi \e, \m, 127
        sub \m, \m, \e
    .endm
    .macro trainlet_unpack l, m, e
        slli \e, \m, 1
        srli \e, \e, 24
        addi \e, \e, -1
        bgeu \e, t2, \l\()90f
        slli t0, \m, 8
        or t0, t0, t3
        srai t1, \m, 31
        srli t0, t0, 3
        xor t0, t0, t1
        sub \m, t0, t1
    \l\()05:
    .endm
    .macro trainlet_unusual l, m, e
    \l\()90:
        bnez \m, 4b
        li \e, -4000
        j \l\()05b
    .endm
    .macro trainlet_pack l, m, e, place
        bltz \e, \l\()96f
        slli \e, \e, 23
        bltz \m, \l\()94f
        srli \m, \m, 5
        add \m, \m, \e
    \l\()06:
        sw \m, \place
    .endm
    .macro trainlet_pack_rest l, m, e
    \l\()94:
        neg \m, \m
        srli \m, \m, 5
        add \m, \m, \e
        or \m, \m, t3
        j \l\()06b
    \l\()96:
        beqz \m, \l\()06b
        and t2, \m, t3
        bgez \m, \l\()97f
        neg \m, \m
    \l\()97:
        srli \m, \m, 5
        neg \e, \e
        srl \m, \m, \e
        or \m, \m, t2
        j \l\()06b
    .endm
        "
    };
}

/// Adds `depth` products, at least one, to each value of some tiles side by side, at least one; the second row of `C` lies `below` bytes
/// behind the first, and is the same one if 0. `a` has words of both rows for each step, `b` words of both columns for each step of each
/// tile. Returns how many tiles are left: at the first that has a value which is no usual number it ends and leaves it as it is.
#[unsafe(naked)]
pub unsafe extern "C" fn add_tiles(
    c: *mut f32,
    below: usize,
    a: *const u32,
    b: *const u32,
    depth: usize,
    tiles: usize,
) -> usize {
    naked_asm!(
        ".option push",
        ".option arch, +m, +c",
        step!(),
        rare!(),
        floats!(),
        "addi sp, sp, -80",
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
        "slli a4, a4, 3",
        "add a1, a1, a0",
        "sw a0, 52(sp)",
        "sw a1, 56(sp)",
        "sw a2, 60(sp)",
        "sw a4, 64(sp)",
        "sw a5, 68(sp)",
        "mv a2, a3",
        "lui t5, 0x20000",
        "lui t6, 0x40000",
        "lui a4, 0x10000",
        "lui a5, 0xf0000",
        "lui a6, 0xe0000",
        "li a7, 6",
        "li t4, 28",
        "2:",
        "lw t0, 52(sp)",
        "lw t1, 56(sp)",
        "lw a1, 60(sp)",
        "lw a3, 64(sp)",
        "lw s6, 0(t0)",
        "lw s8, 4(t0)",
        "lw s10, 0(t1)",
        "lw ra, 4(t1)",
        "add a3, a3, a2",
        "lui t3, 0x80000",
        "li t2, 239",
        "trainlet_unpack 1, s6, s7",
        "trainlet_unpack 2, s8, s9",
        "trainlet_unpack 3, s10, s11",
        "trainlet_unpack 4, ra, a0",
        "3:",
        "lw s0, 0(a1)",
        "lw s2, 4(a1)",
        "lw s4, 0(a2)",
        "trainlet_split s0, s1",
        "trainlet_split s2, s3",
        "trainlet_split s4, s5",
        "trainlet_step 1, s0, s1, s6, s7",
        "trainlet_step 3, s2, s3, s10, s11",
        "lw s4, 4(a2)",
        "addi a1, a1, 8",
        "addi a2, a2, 8",
        "trainlet_split s4, s5",
        "trainlet_step 2, s0, s1, s8, s9",
        "trainlet_step 4, s2, s3, ra, a0",
        "bne a2, a3, 3b",
        "lw t0, 52(sp)",
        "lw t1, 56(sp)",
        "lui t3, 0x80000",
        // The second row first: it may be the first, and has old values then.
        "trainlet_pack 3, s10, s11, 0(t1)",
        "trainlet_pack 4, ra, a0, 4(t1)",
        "trainlet_pack 1, s6, s7, 0(t0)",
        "trainlet_pack 2, s8, s9, 4(t0)",
        "addi t0, t0, 8",
        "addi t1, t1, 8",
        "lw t2, 68(sp)",
        "sw t0, 52(sp)",
        "sw t1, 56(sp)",
        "addi t2, t2, -1",
        "sw t2, 68(sp)",
        "bnez t2, 2b",
        "4:",
        "lw a0, 68(sp)",
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
        "addi sp, sp, 80",
        "ret",
        "trainlet_unusual 1, s6, s7",
        "trainlet_unusual 2, s8, s9",
        "trainlet_unusual 3, s10, s11",
        "trainlet_unusual 4, ra, a0",
        "trainlet_pack_rest 1, s6, s7",
        "trainlet_pack_rest 2, s8, s9",
        "trainlet_pack_rest 3, s10, s11",
        "trainlet_pack_rest 4, ra, a0",
        "trainlet_rare 1, s6, s7",
        "trainlet_rare 2, s8, s9",
        "trainlet_rare 3, s10, s11",
        "trainlet_rare 4, ra, a0",
        ".purgem trainlet_step",
        ".purgem trainlet_rare",
        ".purgem trainlet_split",
        ".purgem trainlet_unpack",
        ".purgem trainlet_unusual",
        ".purgem trainlet_pack",
        ".purgem trainlet_pack_rest",
        ".option pop",
    )
}
