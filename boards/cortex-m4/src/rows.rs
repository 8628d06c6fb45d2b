//! What is done value by value to whole rows, several registers at a time.

use core::arch::naked_asm;

/// `y = value`
pub fn fill(y: &mut [f32], value: f32) {
    let (y, rest) = y.as_chunks_mut::<4>();
    // SAFETY: so many values are there.
    unsafe { fill_chunks(y.as_mut_ptr(), y.len(), value) }
    rest.iter_mut().for_each(|y| *y = value);
}

/// `y = x`; the shorter slice decides how many.
pub fn copy(y: &mut [f32], x: &[f32]) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: so many values are there.
    unsafe { copy_chunks(y.as_mut_ptr(), x.as_ptr(), y.len()) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y = *x);
}

/// `y += factor x`; the shorter slice decides how many.
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    let (y, y_rest, x, x_rest) = chunks(y, x);
    // SAFETY: so many values are there.
    unsafe { add_scaled_chunks(y.as_mut_ptr(), x.as_ptr(), y.len(), factor) }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, x)| *y += factor * x);
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

/// Eight values at a time, and four at the end if `count` is odd.
#[unsafe(naked)]
unsafe extern "C" fn add_scaled_chunks(y: *mut Chunk, x: *const Chunk, count: usize, factor: f32) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s17}}",
        "vmov.f32 s16, s0",
        "subs r2, #2",
        "blo 3f",
        "2:",
        "vldm r1!, {{s0-s7}}",
        "vldm r0, {{s8-s15}}",
        "vmul.f32 s0, s16, s0",
        "vmul.f32 s1, s16, s1",
        "vmul.f32 s2, s16, s2",
        "vmul.f32 s3, s16, s3",
        "vmul.f32 s4, s16, s4",
        "vmul.f32 s5, s16, s5",
        "vmul.f32 s6, s16, s6",
        "vmul.f32 s7, s16, s7",
        "vadd.f32 s8, s8, s0",
        "vadd.f32 s9, s9, s1",
        "vadd.f32 s10, s10, s2",
        "vadd.f32 s11, s11, s3",
        "vadd.f32 s12, s12, s4",
        "vadd.f32 s13, s13, s5",
        "vadd.f32 s14, s14, s6",
        "vadd.f32 s15, s15, s7",
        "subs r2, #2",
        "vstm r0!, {{s8-s15}}",
        "bhs 2b",
        "3:",
        "adds r2, #1",
        "bmi 4f",
        "vldm r1!, {{s0-s3}}",
        "vldm r0, {{s8-s11}}",
        "vmul.f32 s0, s16, s0",
        "vmul.f32 s1, s16, s1",
        "vmul.f32 s2, s16, s2",
        "vmul.f32 s3, s16, s3",
        "vadd.f32 s8, s8, s0",
        "vadd.f32 s9, s9, s1",
        "vadd.f32 s10, s10, s2",
        "vadd.f32 s11, s11, s3",
        "vstm r0!, {{s8-s11}}",
        "4:",
        "vpop {{s16-s17}}",
        "bx lr",
    )
}
