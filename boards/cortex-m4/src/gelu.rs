//! GELU and its derivative: the same operations as in `trainlet::kernels::gelu`, which explains them.

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

/// Above this sum of the squares of values that are worked on together one of them may lie beyond the end of the tail: bits of
/// 32, which stays below the square of the end.
const NEAR: u32 = 32f32.to_bits();

/// From w in `s4` to `s7`, w² in `s8` to `s11` and the coefficients in `s21` to `s31`: Q to `s12` to `s15`.
macro_rules! tail_of_four {
    () => {
        concat!(
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
    ($w:literal, $end:literal) => {
        concat!("vcmp.f32 ", $w, ", ", $end, "\nvmrs APSR_nzcv, fpscr\nit gt\nvmovgt.f32 ", $w, ", ", $end, "\n")
    };
}

/// 0 where x is not above it, from a register that holds 0.
macro_rules! at_least_zero {
    ($x:literal, $zero:literal) => {
        concat!("vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit le\nvmovle.f32 ", $x, ", ", $zero, "\n")
    };
}

/// Near 0 the rectifier is (x + w) / 2 to the last bit, which takes no comparison.
#[unsafe(naked)]
unsafe extern "C" fn values(x: *const [f32; LANES], y: *mut [f32; LANES], count: usize, coefficients: &Coefficients) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s31}}",
        "vldm r3, {{s20-s31}}",
        "vmov.f32 s20, #0.5",
        "2:",
        "vldm r0!, {{s0-s3}}",
        four!("vabs.f32" ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
        "vadd.f32 s0, s0, s4",
        "vadd.f32 s12, s8, s9",
        "vadd.f32 s13, s10, s11",
        "vadd.f32 s1, s1, s5",
        "vadd.f32 s12, s12, s13",
        "vadd.f32 s2, s2, s6",
        "vadd.f32 s3, s3, s7",
        "vmov r12, s12",
        // Not a number is above, too.
        "cmp r12, #{near}",
        "bhi 4f",
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s20"),
        "3:",
        tail_of_four!(),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"]),
        "subs r2, #1",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s12" "s13" "s14" "s15"]),
        "vstm r1!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s16-s31}}",
        "bx lr",
        // Far out.
        "4:",
        "sub r12, r0, #16",
        "vldm r12, {{s0-s3}}",
        "vldr s8, [r3]",
        at_most!("s4", "s8"),
        at_most!("s5", "s8"),
        at_most!("s6", "s8"),
        at_most!("s7", "s8"),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"]),
        "vsub.f32 s16, s20, s20",
        at_least_zero!("s0", "s16"),
        at_least_zero!("s1", "s16"),
        at_least_zero!("s2", "s16"),
        at_least_zero!("s3", "s16"),
        "b 3b",
        near = const NEAR,
    )
}

/// An instruction on each of two registers; an operand may be one register for both.
macro_rules! two {
    ($name:literal [$a:literal $b:literal] [$c:literal $d:literal] [$e:literal $f:literal]) => {
        concat!($name, " ", $a, ", ", $c, ", ", $e, "\n", $name, " ", $b, ", ", $d, ", ", $f, "\n")
    };
    ($name:literal [$a:literal $b:literal] [$c:literal $d:literal] $e:literal) => {
        two!($name [$a $b] [$c $d] [$e $e])
    };
    ($name:literal [$a:literal $b:literal] $c:literal [$e:literal $f:literal]) => {
        two!($name [$a $b] [$c $c] [$e $f])
    };
}

/// A step of two polynomials in w², in `s4` and `s5`.
macro_rules! horner {
    ([$a:literal $b:literal] $coefficient:literal, [$c:literal $d:literal] $other:literal) => {
        concat!(
            two!("vmul.f32" [$a $b] [$a $b] ["s4" "s5"]),
            two!("vmul.f32" [$c $d] [$c $d] ["s4" "s5"]),
            two!("vadd.f32" [$a $b] [$a $b] $coefficient),
            two!("vadd.f32" [$c $d] [$c $d] $other),
        )
    };
}

/// Value and slope for x above 0 or not, from w Q and S; 1 in `s31`, 0 in `s10`.
macro_rules! choose {
    ($x:literal, $value:literal, $slope:literal) => {
        concat!(
            "vcmp.f32 ",
            $x,
            ", #0\nvmrs APSR_nzcv, fpscr\nitte gt\n",
            "vsubgt.f32 ",
            $value,
            ", ",
            $x,
            ", ",
            $value,
            "\n",
            "vsubgt.f32 ",
            $slope,
            ", s31, ",
            $slope,
            "\n",
            "vsuble.f32 ",
            $value,
            ", s10, ",
            $value,
            "\n",
        )
    };
}

/// Two values at a time, which is enough that none waits: so all coefficients stay in `s12` to `s30`. x in `s0` and `s1`, w in
/// `s2` and `s3`, w² in `s4` and `s5`.
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
        "add r12, r3, #4",
        "lsls r2, #1",
        "vldm r12, {{s12-s30}}",
        "vmov.f32 s31, #1.0",
        "2:",
        "vldm r0, {{s0-s1}}",
        "vabs.f32 s2, s0",
        "vabs.f32 s3, s1",
        two!("vmul.f32" ["s4" "s5"] ["s2" "s3"] ["s2" "s3"]),
        "vmul.f32 s6, s4, s12",
        "vadd.f32 s10, s4, s5",
        "vmul.f32 s7, s5, s12",
        "vmov r12, s10",
        // Not a number is above, too.
        "cmp r12, #{near}",
        "bhi 4f",
        "3:",
        // As above: the odd powers in s6 and s7, the even ones in s8 and s9
        two!("vmul.f32" ["s8" "s9"] ["s4" "s5"] "s16"),
        two!("vadd.f32" ["s6" "s7"] ["s6" "s7"] "s13"),
        two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s17"),
        horner!(["s6" "s7"] "s14", ["s8" "s9"] "s18"),
        horner!(["s6" "s7"] "s15", ["s8" "s9"] "s19"),
        two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s2" "s3"]),
        two!("vadd.f32" ["s6" "s7"] ["s6" "s7"] ["s8" "s9"]),
        two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s2" "s3"]),
        two!("vsub.f32" ["s8" "s9"] "s20" ["s6" "s7"]),
        two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s8" "s9"]),
        two!("vsub.f32" ["s8" "s9"] "s21" ["s6" "s7"]),
        two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s8" "s9"]),
        two!("vsub.f32" ["s6" "s7"] "s22" ["s6" "s7"]),
        two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s6" "s7"]),
        // S: the even powers of the ratio in s8 and s9, the odd ones in s10 and s11
        two!("vmul.f32" ["s8" "s9"] ["s4" "s5"] "s23"),
        two!("vmul.f32" ["s10" "s11"] ["s4" "s5"] "s27"),
        two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s24"),
        two!("vadd.f32" ["s10" "s11"] ["s10" "s11"] "s28"),
        horner!(["s8" "s9"] "s25", ["s10" "s11"] "s29"),
        horner!(["s8" "s9"] "s26", ["s10" "s11"] "s30"),
        two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s4" "s5"]),
        two!("vmul.f32" ["s10" "s11"] ["s10" "s11"] ["s2" "s3"]),
        two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s31"),
        two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] ["s10" "s11"]),
        two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s6" "s7"]),
        two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s2" "s3"]),
        "vsub.f32 s10, s31, s31",
        choose!("s0", "s6", "s8"),
        choose!("s1", "s7", "s9"),
        "subs r2, #1",
        "vstm r1!, {{s6-s7}}",
        "vstm r0!, {{s8-s9}}",
        "bne 2b",
        "vpop {{s16-s31}}",
        "bx lr",
        // Far out.
        "4:",
        "vldr s10, [r3]",
        at_most!("s2", "s10"),
        at_most!("s3", "s10"),
        two!("vmul.f32" ["s4" "s5"] ["s2" "s3"] ["s2" "s3"]),
        two!("vmul.f32" ["s6" "s7"] ["s4" "s5"] "s12"),
        "b 3b",
        near = const NEAR,
    )
}
