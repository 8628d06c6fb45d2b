//! Operations on whole rows, value by value, several registers at a time.

use core::arch::naked_asm;

/// `y = x`; the shorter slice decides how many.
pub fn copy(y: &mut [f32], x: &[f32]) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: both have that many chunks.
    unsafe { copy_chunks(y.as_mut_ptr(), x.as_ptr(), y.len()) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y = *x);
}

/// `y += factor x`; the shorter slice decides how many. Most residual connections have a factor of 1, which needs no product.
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    let add = if factor == 1.0 { add_chunks } else { add_scaled_chunks };
    // SAFETY: both have that many chunks.
    unsafe { add(y.as_mut_ptr(), x.as_ptr(), y.len(), factor) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y += factor * x);
}

/// `y = factor x`; the shorter slice decides how many.
pub fn scaled(y: &mut [f32], x: &[f32], factor: f32) {
    if factor == 1.0 {
        return copy(y, x);
    }
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: both have that many chunks.
    unsafe { scaled_chunks(y.as_mut_ptr(), x.as_ptr(), y.len(), factor) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y = factor * x);
}

/// `y *= x`, value by value; the shorter slice decides how many.
pub fn multiply(y: &mut [f32], x: &[f32]) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: both have that many chunks.
    unsafe { multiply_chunks(y.as_mut_ptr(), x.as_ptr(), y.len(), 0.0) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y *= x);
}

type Chunk = [f32; 4];

/// Chunks of both, as many of the one as of the other, and the rests, which belong to the same places.
#[inline(always)]
fn chunks<'a>(y: &'a mut [f32], x: &'a [f32]) -> (&'a mut [Chunk], &'a mut [f32], &'a [Chunk], &'a [f32]) {
    let length = y.len().min(x.len());
    let (y, y_rest) = y.get_mut(..length).unwrap_or_default().as_chunks_mut();
    let (x, x_rest) = x.get(..length).unwrap_or_default().as_chunks();
    (y, y_rest, x, x_rest)
}

/// Sixteen values at a time, then four.
#[unsafe(naked)]
unsafe extern "C" fn copy_chunks(y: *mut Chunk, x: *const Chunk, count: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "b 3f",
        "2:",
        "vldm r1!, {{s0-s15}}",
        "vstm r0!, {{s0-s15}}",
        "3:",
        "subs r2, #4",
        "bhs 2b",
        "adds r2, #4",
        "beq 5f",
        "4:",
        "vldm r1!, {{s0-s3}}",
        "subs r2, #1",
        "vstm r0!, {{s0-s3}}",
        "bne 4b",
        "5:",
        "bx lr",
    )
}

/// A function that changes eight values at a time, and four at the end if `count` is odd: `$eight` and `$four` find values of
/// `x` in `s0` to `s7`, those of `y` at `r0` and the factor in `s16`, and leave the results in `s8` to `s15`.
macro_rules! by_eight {
    ($name:ident, [$($eight:expr),*], [$($four:expr),*]) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(y: *mut Chunk, x: *const Chunk, count: usize, factor: f32) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "vpush {{s16-s17}}",
                "vmov.f32 s16, s0",
                "subs r2, #2",
                "blo 3f",
                "2:",
                "vldm r1!, {{s0-s7}}",
                $($eight,)*
                "subs r2, #2",
                "vstm r0!, {{s8-s15}}",
                "bhs 2b",
                "3:",
                "adds r2, #1",
                "bmi 4f",
                "vldm r1!, {{s0-s3}}",
                $($four,)*
                "vstm r0!, {{s8-s11}}",
                "4:",
                "vpop {{s16-s17}}",
                "bx lr",
            )
        }
    };
}

by_eight!(
    add_scaled_chunks,
    [
        "vldm r0, {{s8-s15}}",
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] "s16" ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] "s16" ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"]),
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"])
    ],
    [
        "vldm r0, {{s8-s11}}",
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] "s16" ["s0" "s1" "s2" "s3"]),
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"])
    ]
);

by_eight!(
    add_chunks,
    [
        "vldm r0, {{s8-s15}}",
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"]),
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"])
    ],
    ["vldm r0, {{s8-s11}}", four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"])]
);

by_eight!(
    scaled_chunks,
    [
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] "s16" ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] "s16" ["s4" "s5" "s6" "s7"])
    ],
    [four!("vmul.f32" ["s8" "s9" "s10" "s11"] "s16" ["s0" "s1" "s2" "s3"])]
);

by_eight!(
    multiply_chunks,
    [
        "vldm r0, {{s8-s15}}",
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s4" "s5" "s6" "s7"])
    ],
    ["vldm r0, {{s8-s11}}", four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s0" "s1" "s2" "s3"])]
);
