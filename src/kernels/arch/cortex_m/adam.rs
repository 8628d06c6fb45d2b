//! A step of Adam.

use core::arch::naked_asm;
use core::slice;

use crate::kernels::moments::{Factors, step_singly};

/// Values that share a quotient.
const LANES: usize = 4;

/// A step for weights by their gradient and its first and second moments; the shortest decides how many.
pub fn adam(
    weights: &mut [[f32; LANES]],
    gradient: &[[f32; LANES]],
    moment1: &mut [[f32; LANES]],
    moment2: &mut [[f32; LANES]],
    factors: &mut Factors,
) {
    let count = weights.len().min(gradient.len()).min(moment1.len()).min(moment2.len());
    if count > 0 {
        // SAFETY: all four are that long.
        unsafe {
            steps(
                weights.as_flattened_mut().as_mut_ptr(),
                gradient.as_flattened().as_ptr(),
                moment1.as_flattened_mut().as_mut_ptr(),
                moment2.as_flattened_mut().as_mut_ptr(),
                factors,
                count,
            )
        }
    }
}

/// Four values that cannot share a quotient.
///
/// # Safety
///
/// There are four at every pointer.
unsafe extern "C" fn four_singly(
    weights: *mut f32,
    gradient: *const f32,
    moment1: *mut f32,
    moment2: *mut f32,
    factors: &mut Factors,
) {
    // SAFETY: as said above.
    let (weights, gradient, moment1, moment2) = unsafe {
        (
            slice::from_raw_parts_mut(weights, LANES),
            slice::from_raw_parts(gradient, LANES),
            slice::from_raw_parts_mut(moment1, LANES),
            slice::from_raw_parts_mut(moment2, LANES),
        )
    };
    step_singly(weights, gradient, moment1, moment2, factors);
}

/// `count` times four values, at least once, by one quotient each.
#[unsafe(naked)]
unsafe extern "C" fn steps(
    weights: *mut f32,
    gradient: *const f32,
    moment1: *mut f32,
    moment2: *mut f32,
    factors: &mut Factors,
    count: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "ldrd r4, r5, [sp, #8]",
        "vpush {{s16-s27}}",
        "vldm r4, {{s16-s25}}",
        "2:",
        // g in s4 to s7, m in s8 to s11, v in s12 to s15
        "vldm r1!, {{s4-s7}}",
        "vldm r2, {{s8-s11}}",
        "vldm r3, {{s12-s15}}",
        // m = β₁ m + share g
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s16"),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"] "s17"),
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"]),
        // v = β₂ v + (root g)²
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s18"),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s19"),
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
        // √v + ε: the divisors a, b, c and d
        four!("vsqrt.f32" ["s4" "s5" "s6" "s7"] ["s12" "s13" "s14" "s15"]),
        four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s20"),
        // Their product, in place of the learning rate; the factor on the weights fills the cycles of waiting.
        "vmul.f32 s26, s4, s5",
        "vldm r0, {{s0-s3}}",
        "vmul.f32 s27, s6, s7",
        "vmul.f32 s26, s22, s26",
        "vmul.f32 s27, s22, s27",
        "vmul.f32 s0, s0, s21",
        "vmul.f32 s24, s26, s27",
        "vmul.f32 s1, s1, s21",
        "vmul.f32 s2, s2, s21",
        "vmul.f32 s3, s3, s21",
        "vcmp.f32 s24, s25",
        "vmrs APSR_nzcv, fpscr",
        // Not below, or not a number.
        "bpl 4f",
        "vstm r2!, {{s8-s11}}",
        "vstm r3!, {{s12-s15}}",
        "vdiv.f32 s24, s23, s24",
        "subs r5, #1",
        "vmul.f32 s27, s24, s27",
        "vmul.f32 s26, s24, s26",
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s27" "s27" "s26" "s26"] ["s5" "s4" "s7" "s6"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"] ["s8" "s9" "s10" "s11"]),
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "vstm r0!, {{s0-s3}}",
        "bne 2b",
        "3:",
        "vpop {{s16-s27}}",
        "pop {{r4, r5}}",
        "bx lr",
        // The product is too large for one quotient; nothing has been stored.
        "4:",
        "sub r1, #16",
        "push {{r0-r3, r12, lr}}",
        "push {{r4, r5}}",
        "bl {singly}",
        "add sp, #8",
        "pop {{r0-r3, r12, lr}}",
        "add r0, #16",
        "add r1, #16",
        "add r2, #16",
        "add r3, #16",
        "subs r5, #1",
        "bne 2b",
        "b 3b",
        singly = sym four_singly,
    )
}
