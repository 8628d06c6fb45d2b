//! A step of Adam.

use core::arch::naked_asm;

/// Values that share a quotient.
const LANES: usize = 4;

/// What a step multiplies with and adds: β₁, share of the gradient in the first moment, root of the share of its square in
/// the second, β₂, ε, factor on the weight, 2⁴⁰, 2⁴⁰ times the learning rate, learning rate, largest product of divisors.
type Factors = [f32; 10];

/// A step for weights by their gradient and its first and second moments; the shortest decides how many.
pub fn adam(
    weights: &mut [[f32; LANES]],
    gradient: &[[f32; LANES]],
    moment1: &mut [[f32; LANES]],
    moment2: &mut [[f32; LANES]],
    factors: &Factors,
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

/// `count` times four values, at least once, by one quotient each.
#[unsafe(naked)]
unsafe extern "C" fn steps(
    weights: *mut f32,
    gradient: *const f32,
    moment1: *mut f32,
    moment2: *mut f32,
    factors: &Factors,
    count: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "ldrd r4, r5, [sp, #8]",
        "vpush {{s16-s25}}",
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
        "vstm r2!, {{s8-s11}}",
        "vstm r3!, {{s12-s15}}",
        // √v + ε: the divisors a, b, c and d
        four!("vsqrt.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"]),
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s20"),
        // Their product; the factor on the weights fills the cycles of waiting.
        "vmul.f32 s4, s12, s13",
        "vldm r0, {{s0-s3}}",
        "vmul.f32 s5, s14, s15",
        "vmul.f32 s4, s22, s4",
        "vmul.f32 s5, s22, s5",
        "vmul.f32 s0, s0, s21",
        "vmul.f32 s6, s4, s5",
        "vmul.f32 s1, s1, s21",
        "vmul.f32 s2, s2, s21",
        "vmul.f32 s3, s3, s21",
        "vcmp.f32 s6, s25",
        "vmrs APSR_nzcv, fpscr",
        // Not below, or not a number.
        "bpl 4f",
        "vdiv.f32 s6, s23, s6",
        "subs r5, #1",
        "vmul.f32 s5, s6, s5",
        "vmul.f32 s4, s6, s4",
        four!("vmul.f32" ["s6" "s7" "s5" "s4"] ["s5" "s5" "s4" "s4"] ["s13" "s12" "s15" "s14"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s6" "s7" "s5" "s4"] ["s8" "s9" "s10" "s11"]),
        "3:",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "vstm r0!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s16-s25}}",
        "pop {{r4, r5}}",
        "bx lr",
        // The product is too large for one quotient.
        "4:",
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s24"),
        four!("vdiv.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        "subs r5, #1",
        "b 3b",
    )
}
