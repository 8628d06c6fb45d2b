//! Values with their slopes, two side by side.

use core::arch::naked_asm;

use super::magnitude::NEAR;
use super::{Coefficients, LANES};

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
        /// # Safety
        ///
        /// `count` chunks, at least one, are at both pointers.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(
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
