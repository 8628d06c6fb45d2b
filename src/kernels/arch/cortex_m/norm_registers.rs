//! Rows that are normalised in registers: two of 12 values side by side, so that none of the sums waits for another, or one of
//! 16. In plain Rust sums start from 0, so that nothing but -0 gives 0, which no row here adds up: a row of equal values has
//! this value as its mean. Sums of squares are never -0.

use core::arch::naked_asm;

/// Four partial sums of the squares of twelve registers; `$s` and `$t` are lost.
macro_rules! squares {
    ([$p0:literal $p1:literal $p2:literal $p3:literal], [$s:literal $t:literal],
     [$x0:literal $x1:literal $x2:literal $x3:literal]
     [$x4:literal $x5:literal $x6:literal $x7:literal]
     [$x8:literal $x9:literal $x10:literal $x11:literal]) => {
        concat!(
            four!("vmul.f32" [$p0 $p1 $p2 $p3] [$x0 $x1 $x2 $x3] [$x0 $x1 $x2 $x3]),
            four!("vmul.f32" [$s $t] [$x4 $x5] [$x4 $x5]),
            four!("vadd.f32" [$p0 $p1] [$p0 $p1] [$s $t]),
            four!("vmul.f32" [$s $t] [$x6 $x7] [$x6 $x7]),
            four!("vadd.f32" [$p2 $p3] [$p2 $p3] [$s $t]),
            four!("vmul.f32" [$s $t] [$x8 $x9] [$x8 $x9]),
            four!("vadd.f32" [$p0 $p1] [$p0 $p1] [$s $t]),
            four!("vmul.f32" [$s $t] [$x10 $x11] [$x10 $x11]),
            four!("vadd.f32" [$p2 $p3] [$p2 $p3] [$s $t]),
        )
    };
}

/// 1 / √x in place of each `$x`, from guesses in `$y`: the operations of `kernels::rsqrt`. B is in `$b`; `$c` and
/// `$t` are lost. For one x alone, constants come while a result is waited for.
macro_rules! rsqrt {
    ([$($x:literal)*], [$($y:literal)*], [$($t:literal)*], $b:literal, $c:literal) => {
        concat!(
            four!("vmul.f32" [$($t)*] [$($y)*] [$($y)*]),
            four!("vmul.f32" [$($t)*] [$($x)*] [$($t)*]),
            four!("vsub.f32" [$($t)*] $b [$($t)*]),
            four!("vmul.f32" [$($y)*] [$($y)*] [$($t)*]),
            four!("vmul.f32" [$($t)*] [$($y)*] [$($y)*]),
            "vmov.f32 ", $c, ", #1.0\n",
            four!("vmul.f32" [$($t)*] [$($x)*] [$($t)*]),
            four!("vsub.f32" [$($t)*] $c [$($t)*]),
            "vmov.f32 ", $c, ", #0.375\n",
            four!("vmul.f32" [$($x)*] $c [$($t)*]),
            "vmov.f32 ", $c, ", #0.5\n",
            four!("vmul.f32" [$($t)*] [$($y)*] [$($t)*]),
            four!("vadd.f32" [$($x)*] $c [$($x)*]),
            four!("vmul.f32" [$($x)*] [$($t)*] [$($x)*]),
            four!("vadd.f32" [$($x)*] [$($y)*] [$($x)*]),
        )
    };
}

/// The bits of its two constants: of the first guess, and of the step from there.
const GUESS: u32 = 0x5f0a_b800;
const B: u32 = 1.8898f32.to_bits();

/// The mean of a row of equal values is the value itself: takes it for the mean if all bits are those of the first value. The
/// row begins `$before` bytes before `r0`, and its first two values were found equal; `$p`, `$value`, `$next` and `$end` are lost.
macro_rules! mean_of_equal {
    ($before:literal, $after:literal, $mean:literal, $first:literal, [$p:literal $value:literal $next:literal $end:literal]) => {
        concat!(
            concat!("sub ", $p, ", r0, #", $before, "\n"),
            concat!("sub ", $end, ", r0, #", $after, "\n"),
            concat!("ldr ", $value, ", [", $p, "], #4\n"),
            concat!("7: ldr ", $next, ", [", $p, "], #4\n"),
            concat!("cmp ", $next, ", ", $value, "\n"),
            "bne 8f\n",
            concat!("cmp ", $p, ", ", $end, "\n"),
            "bne 7b\n",
            concat!("vmov.f32 ", $mean, ", ", $first, "\n"),
            "8:\n",
        )
    };
}

/// Weights and biases of half a row, on both rows.
macro_rules! scale_and_shift {
    ($weight:literal, $bias:literal, $($x:literal)*) => {
        concat!(
            "vldm ", $weight, ", {{s24-s29}}\n",
            four!("vmul.f32" [$($x)*] [$($x)*] ["s24" "s25" "s26" "s27" "s28" "s29" "s24" "s25" "s26" "s27" "s28" "s29"]),
            "vldm ", $bias, ", {{s24-s29}}\n",
            four!("vadd.f32" [$($x)*] [$($x)*] ["s24" "s25" "s26" "s27" "s28" "s29" "s24" "s25" "s26" "s27" "s28" "s29"]),
        )
    };
}

/// The sign of a number of pairs of rows that have no y.
pub const WITHOUT_Y: usize = 1 << 31;

/// Rows in `s0` to `s11` and `s12` to `s23`, share in `s31`, epsilon in `r12`, B in `lr`, the constant of guesses in `r11`.
///
/// # Safety
///
/// `count` pairs of rows, at least one, are at every pointer. `normalized` may be null, and `rstd` with it, or `y`, whose
/// weights and biases are needed otherwise; the count has the bit [`WITHOUT_Y`] if it is null.
#[unsafe(naked)]
pub unsafe extern "C" fn pairs_of_12(
    x: *const f32,
    normalized: *mut f32,
    rstd: *mut f32,
    y: *mut f32,
    count: usize,
    weight: *const f32,
    bias: *const f32,
    share: f32,
    epsilon: f32,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        "vpush {{s16-s31}}",
        "add r12, sp, #100",
        "vmov.f32 s31, s0",
        "ldm r12, {{r4-r6}}",
        "vmov r12, s1",
        "add r7, r5, #24",
        "add r8, r6, #24",
        "movw r11, #:lower16:{guess}",
        "movt r11, #:upper16:{guess}",
        "movw lr, #:lower16:{b}",
        "movt lr, #:upper16:{b}",
        "2:",
        "vldm r0!, {{s0-s23}}",
        four!("vadd.f32" ["s24" "s25" "s26" "s27"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s24" "s25" "s26" "s27"] ["s24" "s25" "s26" "s27"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s24" "s26"] ["s24" "s26"] ["s25" "s27"]),
        four!("vadd.f32" ["s27" "s28" "s29" "s30"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
        "vadd.f32 s24, s24, s26",
        four!("vadd.f32" ["s27" "s28" "s29" "s30"] ["s27" "s28" "s29" "s30"] ["s20" "s21" "s22" "s23"]),
        four!("vadd.f32" ["s27" "s29"] ["s27" "s29"] ["s28" "s30"]),
        "vmul.f32 s24, s24, s31",
        "vadd.f32 s29, s27, s29",
        // Rows that begin with two equal values are rare.
        "vcmp.f32 s0, s1",
        "vmul.f32 s30, s29, s31",
        "vmrs APSR_nzcv, fpscr",
        "beq 5f",
        "vcmp.f32 s12, s13",
        "vmrs APSR_nzcv, fpscr",
        "beq 5f",
        "6:",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s24"),
        four!("vsub.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s24"),
        four!("vsub.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s24"),
        squares!(["s24" "s25" "s26" "s27"], ["s28" "s29"],
            ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s24" "s26"] ["s24" "s26"] ["s25" "s27"]),
        four!("vsub.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s30"),
        "vadd.f32 s24, s24, s26",
        four!("vsub.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s30"),
        four!("vsub.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] "s30"),
        squares!(["s25" "s26" "s27" "s28"], ["s29" "s30"],
            ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"] ["s20" "s21" "s22" "s23"]),
        four!("vadd.f32" ["s25" "s27"] ["s25" "s27"] ["s26" "s28"]),
        "vmov s29, s30, r12, lr",
        "vadd.f32 s25, s25, s27",
        four!("vmul.f32" ["s24" "s25"] ["s24" "s25"] "s31"),
        four!("vadd.f32" ["s24" "s25"] ["s24" "s25"] "s29"),
        // For the jumps behind the factors, which [`WITHOUT_Y`] makes, and at the end; here it takes a cycle in which the last sum would be waited for.
        "subs r4, #1",
        "vmov r9, r10, s24, s25",
        "sub r9, r11, r9, lsr #1",
        "sub r10, r11, r10, lsr #1",
        "vmov s26, s27, r9, r10",
        rsqrt!(["s24" "s25"], ["s26" "s27"], ["s28" "s29"], "s30", "s30"),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s24"),
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s24"),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s24"),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s25"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s25"),
        four!("vmul.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] "s25"),
        "cbz r1, 3f",
        "vstm r1!, {{s0-s23}}",
        "vstm r2!, {{s24-s25}}",
        "bmi 4f",
        "3:",
        scale_and_shift!("r5", "r6", "s0" "s1" "s2" "s3" "s4" "s5" "s12" "s13" "s14" "s15" "s16" "s17"),
        scale_and_shift!("r7", "r8", "s6" "s7" "s8" "s9" "s10" "s11" "s18" "s19" "s20" "s21" "s22" "s23"),
        "vstm r3!, {{s0-s23}}",
        "bne 2b",
        "3:",
        "vpop {{s16-s31}}",
        "pop {{r4-r11, pc}}",
        "4:",
        "cmp r4, #0x80000000",
        "bne 2b",
        "b 3b",
        "5:",
        "push {{r4, r5}}",
        mean_of_equal!("96", "48", "s24", "s0", ["r9" "r4" "r5" "r10"]),
        mean_of_equal!("48", "0", "s30", "s12", ["r9" "r4" "r5" "r10"]),
        "pop {{r4, r5}}",
        "b 6b",
        guess = const GUESS,
        b = const B,
    )
}

/// Share in `s30`, epsilon in `s31`, B in `s29`, the constant of guesses in `r12`.
///
/// # Safety
///
/// `count` rows, at least one, are at every pointer; `rstd` may be null.
#[unsafe(naked)]
pub unsafe extern "C" fn rows_of_16(
    x: *const f32,
    normalized: *mut f32,
    rstd: *mut f32,
    count: usize,
    share: f32,
    epsilon: f32,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4}}",
        "vpush {{s16-s31}}",
        "movw r12, #:lower16:{b}",
        "movt r12, #:upper16:{b}",
        "vmov s29, r12",
        "vmov.f32 s30, s0",
        "vmov.f32 s31, s1",
        "movw r12, #:lower16:{guess}",
        "movt r12, #:upper16:{guess}",
        "2:",
        "vldm r0!, {{s0-s15}}",
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] ["s12" "s13" "s14" "s15"]),
        four!("vadd.f32" ["s20" "s22"] ["s20" "s22"] ["s21" "s23"]),
        // As above; each of these takes a cycle in which a result would be waited for.
        "vcmp.f32 s0, s1",
        "vadd.f32 s20, s20, s22",
        "vmrs APSR_nzcv, fpscr",
        "vmul.f32 s24, s20, s30",
        "beq 5f",
        "6:",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s24"),
        four!("vmul.f32" ["s20" "s21" "s22" "s23"] ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"]),
        four!("vsub.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s24"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] ["s16" "s17" "s18" "s19"]),
        four!("vsub.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s24"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] ["s16" "s17" "s18" "s19"]),
        four!("vsub.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s24"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"]),
        four!("vadd.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s20" "s22" "s20"] ["s20" "s22" "s20"] ["s21" "s23" "s22"]),
        "vmul.f32 s24, s20, s30",
        "vadd.f32 s24, s24, s31",
        // For the jump at the end, as above.
        "subs r3, #1",
        "vmov r4, s24",
        "sub r4, r12, r4, lsr #1",
        "vmov s20, r4",
        rsqrt!(["s24"], ["s20"], ["s21"], "s29", "s22"),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s24"),
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s24"),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s24"),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s24"),
        "vstm r1!, {{s0-s15}}",
        "cbz r2, 3f",
        "vstm r2!, {{s24}}",
        "3:",
        "bne 2b",
        "vpop {{s16-s31}}",
        "pop {{r4}}",
        "bx lr",
        "5:",
        "push {{r5-r7}}",
        mean_of_equal!("64", "0", "s24", "s0", ["r4" "r5" "r6" "r7"]),
        "pop {{r5-r7}}",
        "b 6b",
        guess = const GUESS,
        b = const B,
    )
}
