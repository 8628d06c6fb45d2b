//! GELU and its derivative: the same operations as in `kernels::gelu`, which explains them.

use core::arch::naked_asm;

/// Values of GELU that are worked on side by side.
pub const LANES: usize = 4;

/// The end of the tail; coefficients of the polynomial, the highest power first, of the squarings and of the last root;
/// coefficients of S/Q - 1.
type Coefficients = [f32; 16];

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

/// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`; the shorter slice decides how many.
pub fn gelu_with_slope(x: &mut [[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    if count > 0 {
        // SAFETY: as above.
        unsafe { values_and_slopes(x.as_mut_ptr(), y.as_mut_ptr(), count, coefficients) }
    }
}

/// Bits of the largest sum of two magnitudes of which neither lies beyond the end of the tail. Not a number is above, too.
const NEAR: u32 = 6.5067563f32.to_bits();

/// The sums of two magnitudes in `s4` to `s7` each.
macro_rules! magnitudes {
    ($a:literal $b:literal) => {
        concat!("vadd.f32 ", $a, ", s4, s5\n", "vadd.f32 ", $b, ", s6, s7\n")
    };
}

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

/// At most the end of the tail, which is in memory at `r3`; NaN stays, `s8` is lost.
macro_rules! at_most_end {
    ([$($w:literal)*]) => {
        concat!(
            "vldr s8, [r3]\n",
            $("vcmp.f32 ", $w, ", s8\nvmrs APSR_nzcv, fpscr\nit gt\nvmovgt.f32 ", $w, ", s8\n"),*
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
#[unsafe(naked)]
unsafe extern "C" fn values(x: *const [f32; LANES], y: *mut [f32; LANES], count: usize, coefficients: &Coefficients) {
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

/// (t + c) m
macro_rules! times {
    ([$a:literal $b:literal] $c:literal [$m:literal $n:literal]) => {
        concat!(two!("vadd.f32" [$a $b] [$a $b] $c), two!("vmul.f32" [$a $b] [$a $b] [$m $n]))
    };
}

/// (t + c) t; `s12` and `s13` are lost.
macro_rules! squared {
    ([$a:literal $b:literal] $c:literal) => {
        concat!(two!("vadd.f32" ["s12" "s13"] [$a $b] $c), two!("vmul.f32" [$a $b] [$a $b] ["s12" "s13"]))
    };
}

/// The first product of the polynomial in w.
macro_rules! begin_two {
    ([$w:literal $v:literal]) => {
        two!("vmul.f32" ["s8" "s9"] [$w $v] "s14")
    };
}

/// x becomes its value and S the slope, for x above 0 or not, from w Q and S; 1 in `s29`, 0 in `s30`.
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
            ", s29, ",
            $slope,
            "\n",
            "vsuble.f32 ",
            $x,
            ", s30, ",
            $drop,
            "\n",
        )
    };
}

/// Values in place of two values of x, and slopes in `s10` and `s11`, with their w and the first product of their polynomial
/// in `s8` and `s9`. Two are enough that none waits: so all coefficients stay in `s14` to `s28`.
macro_rules! two_slopes {
    ([$x:literal $y:literal] [$w:literal $v:literal]) => {
        concat!(
            times!(["s8" "s9"] "s15" [$w $v]),
            // The cubic in s12 and s13
            two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s16"),
            two!("vmul.f32" ["s12" "s13"] ["s8" "s9"] [$w $v]),
            two!("vadd.f32" ["s8" "s9"] ["s12" "s13"] "s17"),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] [$w $v]),
            two!("vadd.f32" ["s10" "s11"] ["s8" "s9"] "s18"),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s10" "s11"]),
            two!("vadd.f32" ["s10" "s11"] ["s8" "s9"] "s19"),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s10" "s11"]),
            // S/Q - 1 begins in s10 and s11.
            two!("vmul.f32" ["s10" "s11"] ["s8" "s9"] "s23"),
            times!(["s10" "s11"] "s24" ["s12" "s13"]),
            // √Q and Q in s8 and s9
            squared!(["s8" "s9"] "s20"),
            squared!(["s8" "s9"] "s21"),
            two!("vadd.f32" ["s8" "s9"] ["s8" "s9"] "s22"),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] ["s8" "s9"]),
            times!(["s10" "s11"] "s25" [$w $v]),
            squared!(["s10" "s11"] "s26"),
            squared!(["s10" "s11"] "s27"),
            times!(["s10" "s11"] "s28" [$w $v]),
            // S
            two!("vmul.f32" ["s10" "s11"] ["s10" "s11"] ["s8" "s9"]),
            two!("vadd.f32" ["s10" "s11"] ["s10" "s11"] ["s8" "s9"]),
            two!("vmul.f32" ["s8" "s9"] ["s8" "s9"] [$w $v]),
            choose!($x, "s8", "s10"),
            choose!($y, "s9", "s11"),
        )
    };
}

/// A function of x at `r0` and other values at `r1`: `$slopes` does something with two slopes, and `$values` stores four
/// values.
macro_rules! values_and {
    ($name:ident, $slopes:expr, $values:literal) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(
            x: *mut [f32; LANES],
            other: *mut [f32; LANES],
            count: usize,
            coefficients: &Coefficients,
        ) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "push {{r4, r5}}",
                "vpush {{s16-s30}}",
                "add r12, r3, #4",
                "vldm r12, {{s14-s28}}",
                "vmov.f32 s29, #1.0",
                "vsub.f32 s30, s29, s29",
                "movw r5, #:lower16:{near}",
                "movt r5, #:upper16:{near}",
                "2:",
                "vldm r0, {{s0-s3}}",
                four!("vabs.f32" ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
                magnitudes!("s10" "s11"),
                begin_two!(["s4" "s5"]),
                "vmov r12, r4, s10, s11",
                "cmp r12, r5",
                "bhi 4f",
                "3:",
                two_slopes!(["s0" "s1"] ["s4" "s5"]),
                $slopes,
                begin_two!(["s6" "s7"]),
                "cmp r4, r5",
                "bhi 6f",
                "5:",
                two_slopes!(["s2" "s3"] ["s6" "s7"]),
                $slopes,
                "subs r2, #1",
                $values,
                "bne 2b",
                "vpop {{s16-s30}}",
                "pop {{r4, r5}}",
                "bx lr",
                // Far out.
                "4:",
                at_most_end!(["s4" "s5"]),
                begin_two!(["s4" "s5"]),
                "b 3b",
                "6:",
                at_most_end!(["s6" "s7"]),
                begin_two!(["s6" "s7"]),
                "b 5b",
                near = const NEAR,
            )
        }
    };
}

values_and!(
    values_and_gradients,
    concat!(
        "vldm r1, {{s12-s13}}\n",
        two!("vmul.f32" ["s12" "s13"] ["s12" "s13"] ["s10" "s11"]),
        "vstm r1!, {{s12-s13}}\n"
    ),
    "vstm r0!, {{s0-s3}}"
);

values_and!(values_and_slopes, "vstm r0!, {{s10-s11}}", "vstm r1!, {{s0-s3}}");
