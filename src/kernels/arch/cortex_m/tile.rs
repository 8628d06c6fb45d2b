//! Tiles of 4 x 4 values of a matrix product that adds to its result, `C += A B`, with neither factor transposed, the first
//! or the second: `add_nn`, `add_tn` and `add_nt`.
//!
//! A tile's 16 values stay in `s0` to `s15` while the summed index runs; each of its steps takes four values of `A` and
//! four of `B`. The products of a row come before its sums, so that none waits for the instruction right before it. A load
//! behind another one takes one cycle in place of two, so they are kept together.

use core::arch::naked_asm;

use super::plan::Plan;

/// Adds the products of four values of `A` with those of `B` in `s24` to `s27`.
macro_rules! outer {
    ($a0:literal, $a1:literal, $a2:literal, $a3:literal) => {
        concat!(
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a0 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a1 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a2 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a3 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// Adds the products of four values of `A` in `s16`, `s18`, `s20` and `s22`, then of four in `s17` to `s23`, with two of a
/// column of `B`.
macro_rules! column {
    ([$($sum:literal)*] $b:literal $next:literal) => {
        concat!(
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s16" "s18" "s20" "s22"] $b),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s17" "s19" "s21" "s23"] $next),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// Loads two values from each of some rows, at the same distance from their addresses.
macro_rules! pairs {
    ($([$address:literal $first:literal $second:literal])*, $at:literal $next:literal) => {
        concat!($("vldr ", $first, ", [", $address, ", #", $at, "]\nvldr ", $second, ", [", $address, ", #", $next, "]\n",)*)
    };
}

/// The same for four rows of `A`, to `s16` to `s23`.
macro_rules! rows_of_a {
    ($at:literal $next:literal) => {
        pairs!(["r4" "s16" "s17"] ["r8" "s18" "s19"] ["r9" "s20" "s21"] ["r10" "s22" "s23"], $at $next)
    };
}

/// Two steps of `A B` with values of `A` at this distance.
macro_rules! two_rows {
    ($at:literal $next:literal) => {
        concat!(
            rows_of_a!($at $next),
            "vldr s24, [r6]\nvldr s25, [r6, #4]\nvldr s26, [r6, #8]\nvldr s27, [r6, #12]\nadd r6, r7\n",
            outer!("s16", "s18", "s20", "s22"),
            "vldm r6, {{s24-s27}}\nadd r6, r7\n",
            outer!("s17", "s19", "s21", "s23"),
        )
    };
}

/// Two steps of `A Bᵀ` with values at this distance.
macro_rules! two_columns {
    ($at:literal $next:literal) => {
        concat!(
            rows_of_a!($at $next),
            pairs!(["r6" "s24" "s25"] ["r11" "s26" "s27"], $at $next),
            column!(["s0" "s4" "s8" "s12"] "s24" "s25"),
            column!(["s1" "s5" "s9" "s13"] "s26" "s27"),
            pairs!(["r12" "s24" "s25"] ["lr" "s26" "s27"], $at $next),
            column!(["s2" "s6" "s10" "s14"] "s24" "s25"),
            column!(["s3" "s7" "s11" "s15"] "s26" "s27"),
        )
    };
}

/// A step of `Aᵀ B`.
macro_rules! row {
    () => {
        concat!(
            "vldr s24, [r6]\nvldr s25, [r6, #4]\nvldr s26, [r6, #8]\nvldr s27, [r6, #12]\n",
            "vldr s16, [r4]\nvldr s17, [r4, #4]\nvldr s18, [r4, #8]\nvldr s19, [r4, #12]\n",
            "add r6, r7\nadd r4, r5\n",
            outer!("s16", "s17", "s18", "s19"),
        )
    };
}

/// A function that adds to all tiles, row by row. `$begin` finds the length of the summed index in `r3`, the addresses of `A`
/// and `B` for the first tile of a row in `r4` and `r6`, and the distances of their rows in `r5` and `r7`. `$steps` run along
/// the summed index, and `$next` makes ready for the tile to the right and says by the flags whether there is one. They
/// leave `r0` to `r3` alone; `$free` is not needed between steps and tiles.
macro_rules! tiles {
    ($name:ident, $free:literal, [$($begin:expr),*], [$($steps:expr),*], [$($next:expr),*]) => {
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(plan: &mut Plan) {
            naked_asm!(
                // Which the assembler is not told of otherwise.
                ".fpu fpv4-sp-d16",
                "push {{r4-r11, lr}}",
                "vpush {{s16-s31}}",
                "1:",
                "ldm r0, {{r1-r7}}",
                $($begin,)*
                "2:",
                // No address is used right behind the instruction that works it out.
                concat!("add ", $free, ", r1, r2"),
                "vldm r1, {{s0-s3}}",
                "add r1, r1, r2, lsl #1",
                concat!("vldm ", $free, ", {{s4-s7}}"),
                concat!("add ", $free, ", ", $free, ", r2, lsl #1"),
                "vldm r1, {{s8-s11}}",
                concat!("vldm ", $free, ", {{s12-s15}}"),
                $($steps,)*
                concat!("add ", $free, ", r1, r2"),
                "vstm r1, {{s8-s11}}",
                "sub r1, r1, r2, lsl #1",
                concat!("vstm ", $free, ", {{s12-s15}}"),
                concat!("add ", $free, ", r1, r2"),
                "vstm r1!, {{s0-s3}}",
                concat!("vstm ", $free, ", {{s4-s7}}"),
                $($next,)*
                "bne 2b",
                // The next row of tiles.
                "add r4, r0, #36",
                "ldr r2, [r0, #12]",
                "ldm r4, {{r5-r7}}",
                "subs r5, #1",
                "add r1, r6",
                "add r2, r7",
                "str r1, [r0]",
                "str r2, [r0, #12]",
                "str r5, [r0, #36]",
                "bne 1b",
                "vpop {{s16-s31}}",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

tiles!(
    add_nn,
    "r5",
    ["add r8, r4, r5", "add r9, r8, r5", "add r10, r9, r5", "mov r12, r6", "ldr r11, [r0, #28]", "ldr lr, [r0, #48]"],
    [
        // Eight steps at a time, from the middle if the number of fours is odd, then one.
        "lsrs r5, r3, #3",
        "bcs 4f",
        "beq 5f",
        "sub r5, #1",
        "3:",
        two_rows!("0" "4"),
        two_rows!("8" "12"),
        "4:",
        two_rows!("16" "20"),
        two_rows!("24" "28"),
        "add r4, #32",
        "add r8, #32",
        "add r9, #32",
        "add r10, #32",
        "subs r5, #1",
        "bge 3b",
        "5:",
        "ands r5, r3, #3",
        "beq 7f",
        "6:",
        "vldr s16, [r4]",
        "vldr s18, [r8]",
        "vldr s20, [r9]",
        "vldr s22, [r10]",
        "vldr s24, [r6]",
        "vldr s25, [r6, #4]",
        "vldr s26, [r6, #8]",
        "vldr s27, [r6, #12]",
        "add r6, r7",
        "add r4, #4",
        "add r8, #4",
        "add r9, #4",
        "add r10, #4",
        "subs r5, #1",
        outer!("s16", "s18", "s20", "s22"),
        "bne 6b",
        "7:"
    ],
    ["sub r4, lr", "sub r8, lr", "sub r9, lr", "sub r10, lr", "add r12, #16", "subs r11, #1", "mov r6, r12"]
);

tiles!(
    add_tn,
    "r9",
    ["mov r10, r4", "mov r12, r6", "ldr r11, [r0, #28]"],
    [
        // Four steps at a time, from further on if their number is none of fours.
        "add r8, r3, #3",
        "ands r9, r3, #3",
        "lsr r8, r8, #2",
        "beq 3f",
        "cmp r9, #2",
        "beq 5f",
        "blo 6f",
        "b 4f",
        "3:",
        row!(),
        "4:",
        row!(),
        "5:",
        row!(),
        "6:",
        "subs r8, #1",
        row!(),
        "bne 3b"
    ],
    ["add r12, #16", "mov r4, r10", "subs r11, #1", "mov r6, r12"]
);

tiles!(
    add_nt,
    "r5",
    [
        "add r8, r4, r5",
        "add r11, r6, r7",
        "add r9, r8, r5",
        "add r12, r11, r7",
        "add r10, r9, r5",
        "add lr, r12, r7",
        "ldr r7, [r0, #28]"
    ],
    [
        // Eight steps at a time, from the middle if the number of fours is odd, then one.
        "lsrs r5, r3, #3",
        "bcs 4f",
        "beq 5f",
        "sub r5, #1",
        "3:",
        two_columns!("0" "4"),
        two_columns!("8" "12"),
        "4:",
        two_columns!("16" "20"),
        two_columns!("24" "28"),
        "add r4, #32",
        "add r8, #32",
        "add r9, #32",
        "add r10, #32",
        "add r6, #32",
        "add r11, #32",
        "add r12, #32",
        "add lr, #32",
        "subs r5, #1",
        "bge 3b",
        "5:",
        "ands r5, r3, #3",
        "beq 7f",
        "6:",
        "vldm r4!, {{s16}}",
        "vldm r8!, {{s18}}",
        "vldm r9!, {{s20}}",
        "vldm r10!, {{s22}}",
        "vldm r6!, {{s24}}",
        "vldm r11!, {{s25}}",
        "vldm r12!, {{s26}}",
        "vldm lr!, {{s27}}",
        "subs r5, #1",
        outer!("s16", "s18", "s20", "s22"),
        "bne 6b",
        "7:"
    ],
    [
        "ldr r5, [r0, #48]",
        "sub r4, r5",
        "sub r8, r5",
        "sub r9, r5",
        "sub r10, r5",
        "ldr r5, [r0, #32]",
        "add r6, r5",
        "add r11, r5",
        "add r12, r5",
        "add lr, r5",
        "subs r7, #1"
    ]
);
