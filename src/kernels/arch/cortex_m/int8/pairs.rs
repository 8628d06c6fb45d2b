//! Products of two vectors with two rows of bytes at a time.

use core::arch::naked_asm;

use super::Plan;

/// Adds the products of a word of bytes in a register with two vectors, whose values are in `r8` and `r9`, `r10` and `r11`. The
/// first begin a sum with `smuad`, which has no addend.
macro_rules! products {
    ($how:ident, $word:literal, $sum:literal, $other:literal) => {
        concat!(
            "sxtb16 r12, ", $word, "\n",
            "sxtb16 ", $word, ", ", $word, ", ror #8\n",
            products!(@$how $sum, "r8"),
            products!(@$how $other, "r10"),
            "smlad ", $sum, ", ", $word, ", r9, ", $sum, "\n",
            "smlad ", $other, ", ", $word, ", r11, ", $other, "\n",
        )
    };
    (@begin $sum:literal, $values:literal) => {
        concat!("smuad ", $sum, ", r12, ", $values, "\n")
    };
    (@add $sum:literal, $values:literal) => {
        concat!("smlad ", $sum, ", r12, ", $values, ", ", $sum, "\n")
    };
}

/// Four inputs of two vectors and two outputs.
macro_rules! group {
    ($how:ident) => {
        concat!(
            "ldr r9, [r0, #4]\nldr r10, [r0, #8]\nldr r11, [r0, #12]\nldr r8, [r0], #16\n",
            "ldr r3, [r1], #4\n",
            products!($how, "r3", "r4", "r6"),
            "ldr r3, [r2], #4\n",
            products!($how, "r3", "r5", "r7"),
        )
    };
}

/// All outputs of two vectors, two at a time. The plan lies in `s8` to `s18`, but for the address of the weights in `r1`; sums of
/// the first vector are in `r4` and `r5`, of the second in `r6` and `r7`. `$rest` adds what is left of a row and moves `r2` to its
/// end; `$store` finds the place in `r8`, the distances in `r9` and `r10`, and moves on. Two registers are moved at once between
/// core and floating-point unit, in the time of one.
macro_rules! pairs {
    ($name:ident, [$($rest:expr),*], [$($store:expr),*]) => {
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(plan: &Plan) {
            naked_asm!(
                dsp!(),
                ".fpu fpv4-sp-d16",
                "push {{r4-r11, lr}}",
                "vpush {{s16-s18}}",
                "vldm r0!, {{s8-s18}}",
                "vmov r2, s15",
                "ldr r1, [r0]",
                "1:",
                "vmov r0, lr, s13, s14",
                "add r2, r1",
                group!(begin),
                // Two groups at a time, from the middle if their number is odd.
                "lsrs lr, lr, #1",
                "bcs 3f",
                "beq 4f",
                "sub lr, #1",
                "2:",
                group!(add),
                "3:",
                group!(add),
                "subs lr, #1",
                "bge 2b",
                "4:",
                $($rest,)*
                "mov r1, r2",
                "vmov r3, r8, s9, s10",
                "vmov s0, s1, r4, r5",
                "vldm r3!, {{s4-s7}}",
                "vmov s2, s3, r6, r7",
                "vmul.f32 s4, s4, s8",
                "vmul.f32 s6, s6, s8",
                four!("vcvt.f32.s32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"]),
                "vmov r9, r10, s11, s12",
                four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s6" "s4" "s6"]),
                four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s5" "s7" "s5" "s7"]),
                $($store,)*
                "vmov s9, s10, r3, r8",
                "vmov r2, r12, s15, s16",
                "cmp r3, r12",
                "bne 1b",
                "vpop {{s16-s18}}",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

pairs!(add_rows, [], ["add r9, r8", "vstm r8!, {{s0-s1}}", "vstm r9, {{s2-s3}}"]);
pairs!(
    add_products,
    [
        // The word that ends with the row, without the bytes that have been there.
        "vmov r12, lr, s17, s18",
        "cmp r12, #0",
        "beq 5f",
        "add r2, r12",
        "add r1, r12",
        "ldm r0, {{r8-r11}}",
        "ldr r3, [r1, #-4]",
        "ldr r0, [r2, #-4]",
        "lsr r3, lr",
        "lsr r0, lr",
        products!(add, "r3", "r4", "r6"),
        products!(add, "r0", "r5", "r7"),
        "5:"
    ],
    [
        "add r9, r8",
        "vstr s0, [r8]",
        "add r8, r10",
        "vstr s2, [r9]",
        "add r9, r10",
        "vstr s1, [r8]",
        "add r8, r10",
        "vstr s3, [r9]"
    ]
);
