//! Products of a single vector with four rows of bytes at a time.

use core::arch::naked_asm;

use super::Plan;

/// Adds the products of a word of bytes with the vector in `r8` and `r9`.
macro_rules! product {
    ($word:literal, $sum:literal) => {
        concat!(
            "sxtb16 r12, ",
            $word,
            "\n",
            "sxtb16 ",
            $word,
            ", ",
            $word,
            ", ror #8\n",
            "smlad ",
            $sum,
            ", r12, r8, ",
            $sum,
            "\n",
            "smlad ",
            $sum,
            ", ",
            $word,
            ", r9, ",
            $sum,
            "\n",
        )
    };
}

/// Four inputs of one vector and four outputs. `$shift` works on words in `r10` and `r11`.
macro_rules! four_rows {
    ($shift:expr) => {
        concat!(
            "ldr r9, [r0, #4]\nldr r8, [r0], #16\n",
            "ldr r10, [r1, r2]\nldr r11, [r1, r2, lsl #1]\n",
            $shift,
            product!("r10", "r5"),
            product!("r11", "r6"),
            "ldr r11, [r1, r3]\nldr r10, [r1], #4\n",
            $shift,
            product!("r10", "r4"),
            product!("r11", "r7"),
        )
    };
}

/// All outputs of one vector, four at a time, the sums in `r4` to `r7`. The plan lies in `s16` to `s26`.
#[unsafe(naked)]
pub unsafe extern "C" fn add_fours(plan: &Plan) {
    naked_asm!(
        dsp!(),
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        "vpush {{s16-s26}}",
        "vldm r0!, {{s16-s26}}",
        "vmov r2, s23",
        "ldr r1, [r0]",
        "add r3, r2, r2, lsl #1",
        "1:",
        "vmov r0, lr, s21, s22",
        "movs r4, #0",
        "movs r5, #0",
        "movs r6, #0",
        "movs r7, #0",
        // Two groups at a time, from the middle if their number is odd; the first is not counted.
        "lsrs lr, lr, #1",
        "bcc 3f",
        "2:",
        four_rows!(""),
        "3:",
        four_rows!(""),
        "subs lr, #1",
        "bge 2b",
        "vmov r12, lr, s25, s26",
        "cmp r12, #0",
        "beq 5f",
        "sub r12, #4",
        "add r1, r12",
        four_rows!("lsr r10, lr\nlsr r11, lr\n"),
        "5:",
        "add r1, r3",
        "vmov r8, r9, s17, s18",
        "vmov s0, s1, r4, r5",
        "vldm r8!, {{s4-s11}}",
        "vmov s2, s3, r6, r7",
        four!("vmul.f32" ["s4" "s6" "s8" "s10"] ["s4" "s6" "s8" "s10"] "s16"),
        four!("vcvt.f32.s32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s6" "s8" "s10"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s5" "s7" "s9" "s11"]),
        "vstm r9!, {{s0-s3}}",
        "vmov s17, s18, r8, r9",
        "vmov r12, s24",
        "cmp r8, r12",
        "bne 1b",
        "vpop {{s16-s26}}",
        "pop {{r4-r11, pc}}",
    )
}
