//! Magnitudes w = |x| near 0, and those beyond the end of the tail.

/// Bits of the largest sum of two magnitudes of which neither lies beyond the end of the tail. Not a number is above, too.
pub const NEAR: u32 = 6.5067563f32.to_bits();

/// The sums of two magnitudes in `s4` to `s7` each.
macro_rules! magnitudes {
    ($a:literal $b:literal) => {
        concat!("vadd.f32 ", $a, ", s4, s5\n", "vadd.f32 ", $b, ", s6, s7\n")
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
