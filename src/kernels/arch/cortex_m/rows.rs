//! What is done value by value to whole rows, several registers at a time.

use core::arch::naked_asm;

/// `y = value`
pub fn fill(y: &mut [f32], value: f32) {
    let (y, rest) = y.as_chunks_mut::<4>();
    // SAFETY: so many values are there.
    unsafe { fill_chunks(y.as_mut_ptr(), y.len(), value) }
    rest.iter_mut().for_each(|y| *y = value);
}

/// Every row of `y` becomes `bias`.
#[inline(never)]
pub fn fill_with_row(y: &mut [f32], bias: &[f32]) {
    let width = bias.len();
    let rows = y.len().checked_div(width).unwrap_or(0);
    if rows == 0 {
        return;
    }
    let mut column = 0;
    for (columns, fill) in [(16, columns_16 as Columns), (8, columns_8), (4, columns_4), (1, columns_1)] {
        while let Some(bias) = bias.get(column..column + columns) {
            // SAFETY: there are so many rows, and so many columns from this one on.
            unsafe { fill(y.as_mut_ptr().add(column), bias.as_ptr(), rows, width) }
            column += columns;
        }
    }
}

/// Row number `r` of `y` becomes `bias[r]` throughout; rows are `width` long.
pub fn fill_with_column(y: &mut [f32], bias: &[f32], width: usize) {
    let rows = y.len().checked_div(width).unwrap_or(0).min(bias.len());
    if rows > 0 {
        // SAFETY: so many rows are there.
        unsafe { fill_rows(y.as_mut_ptr(), bias.as_ptr(), rows, width) }
    }
}

/// `y = x`; the shorter slice decides how many.
pub fn copy(y: &mut [f32], x: &[f32]) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: so many values are there.
    unsafe { copy_chunks(y.as_mut_ptr(), x.as_ptr(), y.len()) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y = *x);
}

/// `y += factor x`; the shorter slice decides how many. Most residual connections have a factor of 1, which needs no product.
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    let add = if factor == 1.0 { add_chunks } else { add_scaled_chunks };
    // SAFETY: so many values are there.
    unsafe { add(y.as_mut_ptr(), x.as_ptr(), y.len(), factor) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y += factor * x);
}

/// `y = factor x`; the shorter slice decides how many.
pub fn scaled(y: &mut [f32], x: &[f32], factor: f32) {
    if factor == 1.0 {
        return copy(y, x);
    }
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: so many values are there.
    unsafe { scaled_chunks(y.as_mut_ptr(), x.as_ptr(), y.len(), factor) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y = factor * x);
}

/// `y *= x`, value by value; the shorter slice decides how many.
pub fn multiply(y: &mut [f32], x: &[f32]) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: so many values are there.
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
unsafe extern "C" fn fill_chunks(y: *mut Chunk, count: usize, value: f32) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vmov r2, s0",
        "vmov s1, r2",
        "vmov d1, r2, r2",
        "vmov d2, r2, r2",
        "vmov d3, r2, r2",
        "vmov d4, r2, r2",
        "vmov d5, r2, r2",
        "vmov d6, r2, r2",
        "vmov d7, r2, r2",
        "b 3f",
        "2:",
        "vstm r0!, {{s0-s15}}",
        "3:",
        "subs r1, #4",
        "bhs 2b",
        "adds r1, #4",
        "beq 5f",
        "4:",
        "subs r1, #1",
        "vstm r0!, {{s0-s3}}",
        "bne 4b",
        "5:",
        "bx lr",
    )
}

/// At least one row, which has at least one value: eight of them at a time, then four, then one.
#[unsafe(naked)]
unsafe extern "C" fn fill_rows(y: *mut f32, values: *const f32, rows: usize, width: usize) {
    naked_asm!(
        "push {{r4-r11}}",
        "2:",
        "ldr r4, [r1], #4",
        "subs r12, r3, #8",
        "mov r5, r4",
        "mov r6, r4",
        "mov r7, r4",
        "blo 4f",
        "mov r8, r4",
        "mov r9, r4",
        "mov r10, r4",
        "mov r11, r4",
        "3:",
        "subs r12, #8",
        "stm r0!, {{r4-r11}}",
        "bhs 3b",
        "4:",
        "lsls r12, r12, #29",
        "beq 6f",
        "it mi",
        "stmmi r0!, {{r4-r7}}",
        "lsls r12, #1",
        "beq 6f",
        "5:",
        "subs r12, #0x40000000",
        "str r4, [r0], #4",
        "bne 5b",
        "6:",
        "subs r2, #1",
        "bne 2b",
        "pop {{r4-r11}}",
        "bx lr",
    )
}

/// Some columns of all rows, at least one.
type Columns = unsafe extern "C" fn(*mut f32, *const f32, usize, usize);

macro_rules! columns {
    ($name:ident, $registers:literal) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(y: *mut f32, values: *const f32, rows: usize, width: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "lsls r3, #2",
                concat!("vldm r1, {{", $registers, "}}"),
                "2:",
                "subs r2, #1",
                concat!("vstm r0, {{", $registers, "}}"),
                "add r0, r3",
                "bne 2b",
                "bx lr",
            )
        }
    };
}

columns!(columns_16, "s0-s15");
columns!(columns_8, "s0-s7");
columns!(columns_4, "s0-s3");
columns!(columns_1, "s0");

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
/// `x` in `s0` to `s7`, those of `y` at `r0` and the factor in `s16`, and leave what is stored in `s8` to `s15`.
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
