//! GELU and its derivative: the same operations as in `trainlet::kernels::gelu`, which explains them.

use core::arch::naked_asm;

/// Values of GELU that are worked on side by side.
pub const LANES: usize = 4;

/// The end of the tail; coefficients of Q, the highest power first; twice the eighth, twice the fourth, and the square root of
/// ½; coefficients of z, the highest power first, and b.
type Coefficients = [f32; 19];

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

/// `dy[i] *= GELU'(x[i])` and `x[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu_backward(x: &mut [[f32; LANES]], dy: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(dy.len());
    if count > 0 {
        // SAFETY: as above.
        unsafe { values_and_gradients(x.as_mut_ptr(), dy.as_mut_ptr(), count, coefficients) }
    }
}

/// Bits of the largest sum of two magnitudes of which neither lies beyond the end of the tail. Not a number is above, too.
const NEAR: u32 = 7.75f32.to_bits();

/// The sums of two magnitudes in `s4` to `s7` each.
macro_rules! magnitudes {
    ($a:literal $b:literal) => {
        concat!("vadd.f32 ", $a, ", s4, s5\n", "vadd.f32 ", $b, ", s6, s7\n")
    };
}

/// A step of a polynomial in w, which is in `s4` to `s7`.
macro_rules! horner_of_four {
    ($coefficient:literal) => {
        concat!(
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] $coefficient),
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

/// Near 0 the rectifier is (x + w) / 2 to the last bit, which takes no comparison. Coefficients in `s21` to `s31`.
#[unsafe(naked)]
unsafe extern "C" fn values(x: *const [f32; LANES], y: *mut [f32; LANES], count: usize, coefficients: &Coefficients) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "vpush {{s20-s31}}",
        "vldm r3, {{s20-s31}}",
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
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s22"),
        horner_of_four!("s23"),
        horner_of_four!("s24"),
        horner_of_four!("s25"),
        horner_of_four!("s26"),
        horner_of_four!("s27"),
        horner_of_four!("s28"),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
        // drop4, √Q and Q
        four!("vsub.f32" ["s12" "s13" "s14" "s15"] "s29" ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        four!("vsub.f32" ["s12" "s13" "s14" "s15"] "s30" ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        four!("vsub.f32" ["s8" "s9" "s10" "s11"] "s31" ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
        "subs r2, #1",
        four!("vsub.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "vstm r1!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s20-s31}}",
        "pop {{r4, r5}}",
        "bx lr",
        // Far out.
        "4:",
        "vldr s8, [r3]",
        at_most!("s4", "s8"),
        at_most!("s5", "s8"),
        at_most!("s6", "s8"),
        at_most!("s7", "s8"),
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

/// A step of a polynomial in w, which is in `s4` and `s5`.
macro_rules! horner_of_two {
    ([$a:literal $b:literal] $coefficient:literal) => {
        concat!(
            two!("vmul.f32" [$a $b] [$a $b] ["s4" "s5"]),
            two!("vadd.f32" [$a $b] [$a $b] $coefficient),
        )
    };
}

/// The first product of the polynomial in w.
macro_rules! begin_two {
    () => {
        two!("vmul.f32" ["s6" "s7"] ["s4" "s5"] "s12")
    };
}

/// x becomes its value and S the slope, for x above 0 or not, from w Q and S; 1 in `s30`, 0 in `s31`.
macro_rules! choose {
    ($x:literal, $drop:literal, $slope:literal) => {
        concat!(
            "vcmp.f32 ",
            $x,
            ", #0\nvmrs APSR_nzcv, fpscr\nitte gt\n",
            "vsubgt.f32 ",
            $x,
            ", ",
            $x,
            ", ",
            $drop,
            "\n",
            "vsubgt.f32 ",
            $slope,
            ", s30, ",
            $slope,
            "\n",
            "vsuble.f32 ",
            $x,
            ", s31, ",
            $drop,
            "\n",
        )
    };
}

/// Values and gradients of two values of x, with their w in `s4` and `s5` and the first product of their polynomial in `s6`
/// and `s7`. Two are enough that none waits: so all coefficients stay in `s12` to `s29`.
macro_rules! two_gradients {
    ($x:literal $y:literal) => {
        concat!(
            two!("vadd.f32" ["s6" "s7"] ["s6" "s7"] "s13"),
            horner_of_two!(["s6" "s7"] "s14"),
            horner_of_two!(["s6" "s7"] "s15"),
            horner_of_two!(["s6" "s7"] "s16"),
            horner_of_two!(["s6" "s7"] "s17"),
            horner_of_two!(["s6" "s7"] "s18"),
            horner_of_two!(["s6" "s7"] "s19"),
            two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s4" "s5"]),
            // drop4, √Q and Q in s6 and s7
            two!("vsub.f32" ["s8" "s9"] "s20" ["s6" "s7"]),
            two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s8" "s9"]),
            two!("vsub.f32" ["s8" "s9"] "s21" ["s6" "s7"]),
            two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s8" "s9"]),
            two!("vsub.f32" ["s6" "s7"] "s22" ["s6" "s7"]),
            two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s6" "s7"]),
            // z, S in s8 and s9
            two!("vmul.f32" ["s8" "s9"] ["s4" "s5"] "s23"),
            two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s24"),
            horner_of_two!(["s8" "s9"] "s25"),
            horner_of_two!(["s8" "s9"] "s26"),
            horner_of_two!(["s8" "s9"] "s27"),
            horner_of_two!(["s8" "s9"] "s28"),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s4" "s5"]),
            two!("vsub.f32" ["s10" "s11"] "s29" ["s8" "s9"]),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s10" "s11"]),
            two!("vmul.f32" ["s8" "s9"] ["s6" "s7"] ["s8" "s9"]),
            two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] ["s6" "s7"]),
            two!("vmul.f32" ["s6" "s7"] ["s6" "s7"] ["s4" "s5"]),
            choose!($x, "s6", "s8"),
            choose!($y, "s7", "s9"),
            "vldm r1, {{s10-s11}}\n",
            two!("vmul.f32" ["s10" "s11"] ["s10" "s11"] ["s8" "s9"]),
            "vstm r1!, {{s10-s11}}\n",
        )
    };
}

#[unsafe(naked)]
unsafe extern "C" fn values_and_gradients(
    x: *mut [f32; LANES],
    dy: *mut [f32; LANES],
    count: usize,
    coefficients: &Coefficients,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "vpush {{s16-s31}}",
        "add r12, r3, #4",
        "vldm r12, {{s12-s29}}",
        "vmov.f32 s30, #1.0",
        "vsub.f32 s31, s30, s30",
        "movw r5, #:lower16:{near}",
        "movt r5, #:upper16:{near}",
        "2:",
        "vldm r0, {{s0-s3}}",
        four!("vabs.f32" ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
        magnitudes!("s8" "s9"),
        begin_two!(),
        "vmov r12, r4, s8, s9",
        "cmp r12, r5",
        "bhi 4f",
        "3:",
        two_gradients!("s0" "s1"),
        "vabs.f32 s4, s2",
        "vabs.f32 s5, s3",
        begin_two!(),
        "cmp r4, r5",
        "bhi 6f",
        "5:",
        two_gradients!("s2" "s3"),
        "subs r2, #1",
        "vstm r0!, {{s0-s3}}",
        "bne 2b",
        "vpop {{s16-s31}}",
        "pop {{r4, r5}}",
        "bx lr",
        // Far out.
        "4:",
        "vldr s8, [r3]",
        at_most!("s4", "s8"),
        at_most!("s5", "s8"),
        begin_two!(),
        "b 3b",
        "6:",
        "vldr s8, [r3]",
        at_most!("s4", "s8"),
        at_most!("s5", "s8"),
        begin_two!(),
        "b 5b",
        near = const NEAR,
    )
}
