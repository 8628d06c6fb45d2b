//! The step (t + c) m of GELU's chain.
//!
//! A number is a mantissa in two's complement, of a size from 2²⁸ to 2²⁹ with five bits below its last, and an exponent one less than in
//! a float's bits; 0 has a very low one. A factor has twice the mantissa, and an exponent 126 lower. `step` of a product has the same in
//! more words.

/// A routine at 20 that returns to `t0`: `a0 a1` = (`a0 a1` + `a4 a5`) `a2 a3`, and one at 30 without the addition. `t1` to `t3` are lost;
/// `s2` is 6, `s3` 28, `s4` 2²⁸, `s5` 2²⁹, `s6` -2²⁸, `s7` -2²⁹ and `s8` 2²⁷.
macro_rules! steps {
    () => {
        "
        # a0 a1 = (a0 a1 + a4 a5) a2 a3; t1 to t3 are lost.
    20:
        sub t1, a5, a1
        bgeu t1, s2, 24f
        sra a0, a0, t1
    21:
        add a0, a0, a4
        mv a1, a5
    22:
        bltz a0, 40f
        blt a0, s4, 41f
        bge a0, s5, 44f
    23:
        addi a0, a0, 16
        andi t1, a0, 31
        beqz t1, 46f
        andi a0, a0, -32
        # a0 a1 = a0 a1 a2 a3
    30:
        slli a0, a0, 1
        mulh t1, a0, a2
        mul t2, a0, a2
        add a1, a1, a3
        beqz t2, 50f
        add t3, t1, s8
        bgeu t3, s4, 31f
        addi t1, t1, 4
        andi t1, t1, -8
        slli a0, t1, 2
        jr t0
    31:
        addi t1, t1, 8
        andi t1, t1, -16
        slli a0, t1, 1
        addi a1, a1, 1
        jr t0
        # So much smaller that bits are lost, or larger.
    24:
        bltz t1, 26f
        bgeu t1, s3, 25f
        neg t3, t1
        sll t3, a0, t3
        snez t3, t3
        sra a0, a0, t1
        or a0, a0, t3
        j 21b
    25:
        mv a0, a4
        mv a1, a5
        j 30b
    26:
        neg t2, t1
        bgeu t2, s2, 27f
        sra t2, a4, t2
        add a0, a0, t2
        j 22b
    27:
        bgeu t2, s3, 30b
        sll t3, a4, t1
        snez t3, t3
        sra t2, a4, t2
        or t2, t2, t3
        add a0, a0, t2
        j 22b
        # Sums below 0, and those that have fewer digits, none, or one more.
    40:
        blt s6, a0, 43f
        bge a0, s7, 23b
        j 44f
    41:
        beqz a0, 52f
    42:
        slli a0, a0, 1
        addi a1, a1, -1
        blt a0, s4, 42b
        j 23b
    43:
        slli a0, a0, 1
        addi a1, a1, -1
        blt s6, a0, 43b
        j 23b
    44:
        addi a0, a0, 32
        andi t1, a0, 63
        addi a1, a1, 1
        srai a0, a0, 1
        beqz t1, 46f
        andi a0, a0, -32
        j 30b
    46:
        andi a0, a0, -64
        j 30b
        # A product without a lower half: 0, or one that may lie between two.
    50:
        beqz t1, 52f
        add t3, t1, s8
        bgeu t3, s4, 51f
        srai t2, t1, 3
        andi t2, t2, 1
        add t1, t1, t2
        addi t1, t1, 3
        andi t1, t1, -8
        slli a0, t1, 2
        jr t0
    51:
        srai t2, t1, 4
        andi t2, t2, 1
        add t1, t1, t2
        addi t1, t1, 7
        andi t1, t1, -16
        slli a0, t1, 1
        addi a1, a1, 1
        jr t0
    52:
        li a0, 0
        li a1, -4000
        jr t0
        "
    };
}

/// Macros of an assembler. `constant`: from memory to `a4 a5`. `by`: a number as a factor; `by_one`: 1 as one, for an addition alone.
/// `store`: a number as a float.
macro_rules! macros {
    () => {
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
        "
    };
}
