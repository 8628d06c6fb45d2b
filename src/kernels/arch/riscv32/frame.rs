//! What a routine that takes every register keeps for its caller.

/// A frame of this many bytes, of which the first 52 are taken.
macro_rules! save {
    ($bytes:literal) => {
        concat!(
            "
        addi sp, sp, -",
            $bytes,
            "
        sw ra, 0(sp)
        sw s0, 4(sp)
        sw s1, 8(sp)
        sw s2, 12(sp)
        sw s3, 16(sp)
        sw s4, 20(sp)
        sw s5, 24(sp)
        sw s6, 28(sp)
        sw s7, 32(sp)
        sw s8, 36(sp)
        sw s9, 40(sp)
        sw s10, 44(sp)
        sw s11, 48(sp)
        "
        )
    };
}

/// The way back, and the return.
macro_rules! restore {
    ($bytes:literal) => {
        concat!(
            "
        lw ra, 0(sp)
        lw s0, 4(sp)
        lw s1, 8(sp)
        lw s2, 12(sp)
        lw s3, 16(sp)
        lw s4, 20(sp)
        lw s5, 24(sp)
        lw s6, 28(sp)
        lw s7, 32(sp)
        lw s8, 36(sp)
        lw s9, 40(sp)
        lw s10, 44(sp)
        lw s11, 48(sp)
        addi sp, sp, ",
            $bytes,
            "
        ret
        "
        )
    };
}
