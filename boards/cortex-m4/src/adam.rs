//! A step of Adam.

use core::arch::naked_asm;

/// Values that are worked on side by side.
const LANES: usize = 4;

/// What a step multiplies with and adds: scale of the gradient, β₁, 1 - β₁, β₂, 1 - β₂, scale of the root, ε, learning rate,
/// factor on the weight.
type Factors = [f32; 9];

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

/// A step for the next four values.
macro_rules! four_values {
    () => {
        concat!(
            // w in s0 to s3, g in s4 to s7, m in s8 to s11, v in s12 to s15
            "vldm r0, {{s0-s3}}\n",
            "vldm r1!, {{s4-s7}}\n",
            "vldm r2, {{s8-s11}}\n",
            "vldm r3, {{s12-s15}}\n",
            // g = scale g
            four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s20"),
            // m = β₁ m + (1 - β₁) g
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s21"),
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s4" "s5" "s6" "s7"] "s22"),
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s16" "s17" "s18" "s19"]),
            // v = β₂ v + (1 - β₂) g²
            four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s23"),
            four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s24"),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
            "vstm r2!, {{s8-s11}}\n",
            "vstm r3!, {{s12-s15}}\n",
            // w = factor w - rate m / (scale √v + ε)
            four!("vsqrt.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"]),
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s27"),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s25"),
            four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s28"),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s26"),
            four!("vdiv.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
            four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
            "vstm r0!, {{s0-s3}}\n",
        )
    };
}

/// `count` times four values, at least once.
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
        "vpush {{s16-s28}}",
        "vldm r4, {{s20-s28}}",
        // Two groups at a time, in the middle if their number is odd.
        "lsrs r5, #1",
        "bcs 3f",
        "sub r5, #1",
        "2:",
        four_values!(),
        "3:",
        "subs r5, #1",
        four_values!(),
        "bge 2b",
        "vpop {{s16-s28}}",
        "pop {{r4, r5}}",
        "bx lr",
    )
}
