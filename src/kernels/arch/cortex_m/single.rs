//! Single rows of a matrix product, some of their values side by side.

use core::arch::naked_asm;

use super::plan::Plan;

/// Adds the products of some values, one after the other, with as many of a row to one sum, and those with as many of
/// another row to another sum.
macro_rules! steps {
    ($sum:literal $other:literal, [$($a:literal)*] [$($x:literal)*] [$($y:literal)*]) => {
        concat!(
            $("vmul.f32 ", $x, ", ", $x, ", ", $a, "\nvmul.f32 ", $y, ", ", $y, ", ", $a, "\n",)*
            $("vadd.f32 ", $sum, ", ", $sum, ", ", $x, "\nvadd.f32 ", $other, ", ", $other, ", ", $y, "\n",)*
        )
    };
}

/// Four of these steps with `s4` to `s7`.
macro_rules! four_steps {
    ($sum:literal $other:literal) => {
        steps!($sum $other, ["s4" "s5" "s6" "s7"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"])
    };
}

/// Eight of them with `s8` to `s15`, for rows at two addresses.
macro_rules! eight_steps {
    ($sum:literal $other:literal, $x:literal $y:literal) => {
        concat!(
            "vldm ", $x, "!, {{s16-s23}}\nvldm ", $y, "!, {{s24-s31}}\n",
            steps!(
                $sum $other,
                ["s8" "s9" "s10" "s11" "s12" "s13" "s14" "s15"]
                ["s16" "s17" "s18" "s19" "s20" "s21" "s22" "s23"]
                ["s24" "s25" "s26" "s27" "s28" "s29" "s30" "s31"]
            )
        )
    };
}

/// One with `s8`, for rows at two addresses.
macro_rules! one_step {
    ($sum:literal $other:literal, $x:literal $y:literal) => {
        concat!(
            "vldm ", $x, "!, {{s16}}\nvldm ", $y, "!, {{s24}}\n",
            steps!($sum $other, ["s8"] ["s16"] ["s24"])
        )
    };
}

/// Adds the products of `s24` with eight values of a row, which the address moves on by.
macro_rules! add_eight {
    ([$($sum:literal)*] [$($next:literal)*]) => {
        concat!(
            "vldm r6!, {{s16-s23}}\n",
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s24"),
            four!("vmul.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] "s24"),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s16" "s17" "s18" "s19"]),
            four!("vadd.f32" [$($next)*] [$($next)*] ["s20" "s21" "s22" "s23"]),
        )
    };
}

/// Adds to 16 values side by side.
#[unsafe(naked)]
pub unsafe extern "C" fn add_combination_16(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r7}}",
        "vpush {{s16-s24}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "vldm r1, {{s0-s15}}",
        "sub r7, #64",
        "3:",
        "vldr s24, [r4]",
        "add r4, r5",
        add_eight!(["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        "subs r3, #1",
        add_eight!(["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        "add r6, r7",
        "bne 3b",
        "vstm r1!, {{s0-s15}}",
        next_tile!(),
        "vpop {{s16-s24}}",
        "pop {{r4-r7}}",
        "bx lr",
    )
}

/// Adds to 8 values side by side.
#[unsafe(naked)]
pub unsafe extern "C" fn add_combination_8(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r7}}",
        "vpush {{s16-s24}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "vldm r1, {{s0-s7}}",
        "sub r7, #32",
        "3:",
        "vldr s24, [r4]",
        "add r4, r5",
        add_eight!(["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        "subs r3, #1",
        "add r6, r7",
        "bne 3b",
        "vstm r1!, {{s0-s7}}",
        next_tile!(),
        "vpop {{s16-s24}}",
        "pop {{r4-r7}}",
        "bx lr",
    )
}

/// Adds to 8 values side by side, each from a row of its own: eight steps of the summed index at a time, then one.
#[unsafe(naked)]
pub unsafe extern "C" fn add_dots_8(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        "vpush {{s16-s31}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "add r8, r6, r7",
        "add r9, r8, r7",
        "add r10, r9, r7",
        "add r11, r10, r7",
        "add r12, r11, r7",
        "add lr, r12, r7",
        "add r2, lr, r7",
        "vldm r1, {{s0-s7}}",
        "lsrs r5, r3, #3",
        "beq 4f",
        "3:",
        "vldm r4!, {{s8-s15}}",
        eight_steps!("s0" "s1", "r6" "r8"),
        eight_steps!("s2" "s3", "r9" "r10"),
        eight_steps!("s4" "s5", "r11" "r12"),
        eight_steps!("s6" "s7", "lr" "r2"),
        "subs r5, #1",
        "bne 3b",
        "4:",
        "ands r5, r3, #7",
        "beq 6f",
        "5:",
        "vldm r4!, {{s8}}",
        "subs r5, #1",
        one_step!("s0" "s1", "r6" "r8"),
        one_step!("s2" "s3", "r9" "r10"),
        one_step!("s4" "s5", "r11" "r12"),
        one_step!("s6" "s7", "lr" "r2"),
        "bne 5b",
        "6:",
        "vstm r1!, {{s0-s7}}",
        next_tile!(),
        "vpop {{s16-s31}}",
        "pop {{r4-r11, pc}}",
    )
}

/// Adds to 4 values side by side, each from a row of its own: four steps of the summed index at a time, then the rest.
#[unsafe(naked)]
pub unsafe extern "C" fn add_dots_4(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r10}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "add r8, r6, r7",
        "vldm r1, {{s0-s3}}",
        "add r9, r8, r7",
        "lsrs r5, r3, #2",
        "add r10, r9, r7",
        "beq 4f",
        "3:",
        "vldm r4!, {{s4-s7}}",
        "vldm r6!, {{s8-s11}}",
        "vldm r8!, {{s12-s15}}",
        four_steps!("s0" "s1"),
        "vldm r9!, {{s8-s11}}",
        "vldm r10!, {{s12-s15}}",
        "subs r5, #1",
        four_steps!("s2" "s3"),
        "bne 3b",
        "4:",
        "ands r3, #3",
        "beq 6f",
        "5:",
        "vldm r4!, {{s4}}",
        "vldm r6!, {{s8}}",
        "vldm r8!, {{s9}}",
        "vldm r9!, {{s10}}",
        "vldm r10!, {{s11}}",
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s4"),
        "subs r3, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "bne 5b",
        "6:",
        "vstm r1!, {{s0-s3}}",
        next_tile!(),
        "pop {{r4-r10}}",
        "bx lr",
    )
}

/// Adds to one value; distances in bytes.
#[unsafe(naked)]
pub unsafe extern "C" fn add_dot(
    c: *mut f32,
    depth: usize,
    a: *const f32,
    a_step: usize,
    b: *const f32,
    b_step: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "ldrd r4, r5, [sp, #8]",
        "vldr s0, [r0]",
        "cbz r1, 3f",
        "2:",
        "vldr s1, [r2]",
        "vldr s2, [r4]",
        "add r2, r3",
        "add r4, r5",
        "vmul.f32 s1, s1, s2",
        "subs r1, #1",
        "vadd.f32 s0, s0, s1",
        "bne 2b",
        "3:",
        "vstr s0, [r0]",
        "pop {{r4, r5}}",
        "bx lr",
    )
}
