//! Values alone, four side by side.

use core::arch::naked_asm;

use super::magnitude::NEAR;
use super::{Coefficients, LANES};

/// (t + c) w for t in `s8` to `s11` and w in `s4` to `s7`.
macro_rules! times_w {
    ($c:literal) => {
        concat!(
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] $c),
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
        )
    };
}

/// (t + c) t for t in `s8` to `s11`.
macro_rules! times_itself {
    ($c:literal) => {
        concat!(
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s8" "s9" "s10" "s11"] $c),
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        )
    };
}

/// 0 where x is not above it, from a register that holds 0.
macro_rules! at_least_zero {
    ($x:literal, $zero:literal) => {
        concat!("vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit le\nvmovle.f32 ", $x, ", ", $zero, "\n")
    };
}

/// Near 0 the rectifier is (x + w) / 2 to the last bit, which takes no comparison. Coefficients in `s21` to `s29`.
///
/// # Safety
///
/// `count` chunks, at least one, are at both pointers.
#[unsafe(naked)]
pub unsafe extern "C" fn values(
    x: *const [f32; LANES],
    y: *mut [f32; LANES],
    count: usize,
    coefficients: &Coefficients,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "vpush {{s20-s29}}",
        "vldm r3, {{s20-s29}}",
        "movw r5, #:lower16:{near}",
        "movt r5, #:upper16:{near}",
        "vmov.f32 s20, #0.5",
        "2:",
        "vldm r0!, {{s0-s3}}",
        four!("vabs.f32" ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
        magnitudes!("s12" "s13"),
        // Meanwhile the polynomial begins.
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"] "s21"),
        "vmov r12, r4, s12, s13",
        "cmp r12, r5",
        "it ls",
        "cmpls r4, r5",
        "bhi 4f",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s20"),
        "3:",
        times_w!("s22"),
        times_w!("s23"),
        times_w!("s24"),
        times_itself!("s25"),
        times_itself!("s26"),
        times_itself!("s27"),
        times_itself!("s28"),
        // √Q, Q and w Q
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s29"),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
        "subs r2, #1",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "vstm r1!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s20-s29}}",
        "pop {{r4, r5}}",
        "bx lr",
        // Far out.
        "4:",
        at_most_end!(["s4" "s5" "s6" "s7"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"] "s21"),
        "vsub.f32 s12, s20, s20",
        at_least_zero!("s0", "s12"),
        at_least_zero!("s1", "s12"),
        at_least_zero!("s2", "s12"),
        at_least_zero!("s3", "s12"),
        "b 3b",
        near = const NEAR,
    )
}
