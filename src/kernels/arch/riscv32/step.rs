//! A step of one sum: an assembler's macro for the usual way, which runs through, and one for what is rare, behind the loop, since a
//! jump that is not taken costs nothing.
//!
//! A sum is a mantissa in two's complement, of a size from 2²⁸ to 2²⁹ with five bits below its last, and an exponent one less than in a
//! float's bits. The upper half of the product of two mantissas is like that as well, or has a digit more; a lower half of 0 says that it
//! is exact. Each product is rounded by itself, as a multiplication is; then comes the sum.
//!
//! - In the distance of the exponents, a number from 0 to 5 comes first: then no bit is lost. Further away, lost bits are only looked at
//!   when the five below say that they matter: a tie, a digit more, or one less.
//! - A sum that is 0 has an exponent so low that the next product replaces it.
//! - Below the smallest normal number sums are exact.
//!
//! The same in Rust, and the proof, are in `soft::unpacked`.

/// `\m \e` += `\am \ae` times `\bm \be`. `\l` numbers the sum and begins its labels. `t0` to `t3` are lost; the [constants] are `t5` 2²⁹, `t6` 2³⁰,
/// `a4` 2²⁸, `a5` -2²⁸, `a6` -2²⁹, `a7` 6 and `t4` 28.
macro_rules! step {
    () => {
        r"
    .macro trainlet_step l, am, ae, bm, be, m, e
        mulh t0, \am, \bm
        mul t1, \am, \bm
        add t2, \ae, \be
        beqz t1, \l\()80f
        add t1, t0, t5
        bgeu t1, t6, \l\()30f
        addi t0, t0, 16
        andi t0, t0, -32
        # The product is there.
    \l\()10:
        sub t3, \e, t2
        bgeu t3, a7, \l\()60f
        sra t0, t0, t3
        add \m, \m, t0
        # So is the sum, but for its size.
    \l\()20:
        bltz \m, \l\()40f
        blt \m, a4, \l\()50f
        bge \m, t5, \l\()35f
    \l\()25:
        addi \m, \m, 16
        andi t1, \m, 31
        beqz t1, \l\()55f
        andi \m, \m, -32
    \l\()29:
    .endm
        "
    };
}

/// What is rare in it.
macro_rules! rare {
    () => {
        r"
    .macro trainlet_rare l, m, e
        # A product with a digit more.
    \l\()30:
        addi t0, t0, 32
        andi t0, t0, -64
    \l\()32:
        sub t3, \e, t2
        bgeu t3, a7, \l\()60f
        sra t0, t0, t3
        add \m, \m, t0
    \l\()33:
        bltz \m, \l\()40f
        blt \m, a4, \l\()50f
        blt \m, t5, \l\()25b
        # A sum with a digit more, or with two.
    \l\()35:
        bge \m, t6, \l\()38f
    \l\()36:
        addi \m, \m, 32
        andi t1, \m, 63
        addi \e, \e, 1
        srai \m, \m, 1
        beqz t1, \l\()55f
        andi \m, \m, -32
        j \l\()29b
    \l\()38:
        andi t1, \m, 1
        srai \m, \m, 1
        or \m, \m, t1
        addi \e, \e, 1
        j \l\()20b
        # Below 0.
    \l\()40:
        blt a5, \m, \l\()52f
        bge \m, a6, \l\()25b
        neg t1, t6
        bge \m, t1, \l\()36b
        j \l\()38b
        # Digits have cancelled: all of them, or some.
    \l\()50:
        slli \m, \m, 1
        addi \e, \e, -1
        bge \m, a4, \l\()25b
        bnez \m, \l\()50b
        li \e, -4000
        j \l\()29b
    \l\()52:
        slli \m, \m, 1
        addi \e, \e, -1
        bge a5, \m, \l\()25b
        j \l\()52b
        # A tie, half added: to the even one.
    \l\()55:
        andi \m, \m, -64
        j \l\()29b
        # The product is so much smaller that bits are lost, or so small that it is.
    \l\()60:
        bltz t3, \l\()70f
        bgeu t3, t4, \l\()29b
        sra t1, t0, t3
        add \m, \m, t1
        bltz \m, \l\()62f
        blt \m, a4, \l\()64f
        bge \m, t5, \l\()64f
    \l\()61:
        addi \m, \m, 16
        andi t1, \m, 31
        beqz t1, \l\()63f
        andi \m, \m, -32
        j \l\()29b
    \l\()62:
        blt a5, \m, \l\()64f
        bge \m, a6, \l\()61b
        j \l\()64f
        # Above a tie if a bit was lost, which lets half added stand.
    \l\()63:
        neg t1, t3
        sll t1, t0, t1
        beqz t1, \l\()55b
        j \l\()29b
        # The last bit says whether one was lost.
    \l\()64:
        neg t1, t3
        sll t1, t0, t1
        snez t1, t1
        or \m, \m, t1
        j \l\()20b
        # The sum is the smaller.
    \l\()70:
        neg t1, t3
        mv \e, t2
        bgeu t1, a7, \l\()72f
        sra \m, \m, t1
        add \m, \m, t0
        j \l\()33b
    \l\()72:
        bgeu t1, t4, \l\()74f
        sll t3, \m, t3
        snez t3, t3
        sra \m, \m, t1
        or \m, \m, t3
        add \m, \m, t0
        j \l\()20b
    \l\()74:
        mv \m, t0
        j \l\()20b
        # The upper half is the whole product: 0, or one that may lie between two.
    \l\()80:
        beqz t0, \l\()29b
        add t1, t0, t5
        bltu t1, t6, \l\()82f
        srai t1, t0, 6
        andi t1, t1, 1
        add t0, t0, t1
        addi t0, t0, 31
        andi t0, t0, -64
        j \l\()32b
    \l\()82:
        srai t1, t0, 5
        andi t1, t1, 1
        add t0, t0, t1
        addi t0, t0, 15
        andi t0, t0, -32
        j \l\()10b
    .endm
        "
    };
}

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

/// The numbers that a step finds in registers.
macro_rules! constants {
    () => {
        "
        lui t5, 0x20000
        lui t6, 0x40000
        lui a4, 0x10000
        lui a5, 0xf0000
        lui a6, 0xe0000
        li a7, 6
        li t4, 28
        "
    };
}

/// Ends the macros: each routine has its own.
macro_rules! end {
    () => {
        "
        .purgem trainlet_step
        .purgem trainlet_rare
        .purgem trainlet_split
        .purgem trainlet_unpack
        .purgem trainlet_unusual
        .purgem trainlet_pack
        .purgem trainlet_pack_rest
        "
    };
}
