//! GELU and its derivative, four values at a time: the same operations as in `trainlet::kernels::gelu`, which explains
//! them.

use core::arch::naked_asm;

/// Values of GELU that are worked on side by side.
pub const LANES: usize = 4;

/// The end of the tail; coefficients of the odd and of the even powers, the highest first; twice the eighth, twice the
/// fourth, and the square root of ½; coefficients of the slope: even powers without the last, which is 1, and odd ones.
type Coefficients = [f32; 20];

/// `y[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu(x: &[[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    if count > 0 {
        // SAFETY: so many values are there.
        unsafe { values(x.as_ptr(), y.as_mut_ptr(), count, coefficients) }
    }
}

/// `x[i] = GELU(x[i])`
pub fn gelu_in_place(x: &mut [[f32; LANES]], coefficients: &Coefficients) {
    if !x.is_empty() {
        let place = x.as_mut_ptr();
        // SAFETY: as above, and a value is read before it is written.
        unsafe { values(place, place, x.len(), coefficients) }
    }
}

/// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`; the shorter slice decides how many.
pub fn gelu_with_slope(x: &mut [[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    if count > 0 {
        // SAFETY: as above.
        unsafe { values_and_slopes(x.as_mut_ptr(), y.as_mut_ptr(), count, coefficients) }
    }
}

/// From x in `s0` to `s3`, which stay, and the coefficients in `s20` to `s31`: w to `s4` to `s7`, w² to `s8` to `s11` and Q to
/// `s12` to `s15`.
macro_rules! tail {
    () => {
        concat!(
            four!("vabs.f32" ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
            at_most!("s4"), at_most!("s5"), at_most!("s6"), at_most!("s7"),
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s8" "s9" "s10" "s11"] "s21"),
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"] "s25"),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s22"),
            four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s26"),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s8" "s9" "s10" "s11"]),
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"]),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s23"),
            four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s27"),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s8" "s9" "s10" "s11"]),
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"]),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] "s24"),
            four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s28"),
            // drop8 = w (odd + w even)
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s4" "s5" "s6" "s7"]),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
            // drop4, √Q and Q
            four!("vsub.f32" ["s16" "s17" "s18" "s19"] "s29" ["s12" "s13" "s14" "s15"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
            four!("vsub.f32" ["s16" "s17" "s18" "s19"] "s30" ["s12" "s13" "s14" "s15"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
            four!("vsub.f32" ["s12" "s13" "s14" "s15"] "s31" ["s12" "s13" "s14" "s15"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"]),
        )
    };
}

/// At most the end of the tail; NaN stays.
macro_rules! at_most {
    ($w:literal) => {
        concat!("vcmp.f32 ", $w, ", s20\nvmrs APSR_nzcv, fpscr\nit gt\nvmovgt.f32 ", $w, ", s20\n")
    };
}

/// 0 where x is not above it, from a register that holds 0.
macro_rules! at_least_zero {
    ($x:literal, $zero:literal) => {
        concat!("vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit le\nvmovle.f32 ", $x, ", ", $zero, "\n")
    };
}

/// Another value where x is above 0.
macro_rules! if_above_zero {
    ($x:literal, $to:literal, $from:literal) => {
        concat!("vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit gt\nvmovgt.f32 ", $to, ", ", $from, "\n")
    };
}

#[unsafe(naked)]
unsafe extern "C" fn values(x: *const [f32; LANES], y: *mut [f32; LANES], count: usize, coefficients: &Coefficients) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s31}}",
        "vldm r3, {{s20-s31}}",
        "2:",
        "vldm r0!, {{s0-s3}}",
        tail!(),
        "vsub.f32 s16, s20, s20",
        at_least_zero!("s0", "s16"),
        at_least_zero!("s1", "s16"),
        at_least_zero!("s2", "s16"),
        at_least_zero!("s3", "s16"),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
        "subs r2, #1",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s12" "s13" "s14" "s15"]),
        "vstm r1!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s16-s31}}",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn values_and_slopes(
    x: *mut [f32; LANES],
    y: *mut [f32; LANES],
    count: usize,
    coefficients: &Coefficients,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s31}}",
        "2:",
        "mov r12, r3",
        "vldm r12!, {{s20-s31}}",
        "vldm r0, {{s0-s3}}",
        tail!(),
        "vsub.f32 s20, s20, s20",
        at_least_zero!("s0", "s20"),
        at_least_zero!("s1", "s20"),
        at_least_zero!("s2", "s20"),
        at_least_zero!("s3", "s20"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
        "vldm r12, {{s21-s28}}",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s16" "s17" "s18" "s19"]),
        "vmov.f32 s29, #1.0",
        "vstm r1!, {{s0-s3}}",
        // Even powers of the ratio in s16 to s19, odd ones in s0 to s3
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"] "s21"),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"] "s25"),
        four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s22"),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s26"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s23"),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s27"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s24"),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s28"),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s29"),
        four!("vadd.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] ["s0" "s1" "s2" "s3"]),
        "vldm r0, {{s0-s3}}",
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
        four!("vsub.f32" ["s16" "s17" "s18" "s19"] "s29" ["s12" "s13" "s14" "s15"]),
        if_above_zero!("s0", "s12", "s16"),
        if_above_zero!("s1", "s13", "s17"),
        if_above_zero!("s2", "s14", "s18"),
        if_above_zero!("s3", "s15", "s19"),
        "subs r2, #1",
        "vstm r0!, {{s12-s15}}",
        "bne 2b",
        "vpop {{s16-s31}}",
        "bx lr",
    )
}
