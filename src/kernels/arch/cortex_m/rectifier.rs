//! The rectifier, four values at a time, then one.

use core::arch::naked_asm;

/// `y[i] = max(x[i], 0)`; the shorter slice decides how many.
pub fn relu(x: &[f32], y: &mut [f32]) {
    // SAFETY: both have that many values.
    unsafe { values(x.as_ptr(), y.as_mut_ptr(), x.len().min(y.len())) }
}

/// `x[i] = max(x[i], 0)`
pub fn relu_in_place(x: &mut [f32]) {
    let place = x.as_mut_ptr();
    // SAFETY: as above, and a value is read before it is written.
    unsafe { values(place, place, x.len()) }
}

/// `dy[i]` times the slope, 1 or 0, and `x[i] = max(x[i], 0)`; the shorter slice decides how many.
pub fn relu_backward(x: &mut [f32], dy: &mut [f32]) {
    // SAFETY: as above.
    unsafe { values_and_gradients(x.as_mut_ptr(), dy.as_mut_ptr(), x.len().min(dy.len())) }
}

/// 0, in `s8`, in place of what is below it, which -0 and NaN are not.
macro_rules! rectify {
    ($($x:literal)*) => {
        concat!($("vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit mi\nvmovmi.f32 ", $x, ", s8\n"),*)
    };
}

/// The same, and its gradient times 0 where x is not above it.
macro_rules! rectify_both {
    ($([$x:literal $dy:literal])*) => {
        concat!($(
            "vcmp.f32 ", $x, ", #0\nvmrs APSR_nzcv, fpscr\nit le\nvmulle.f32 ", $dy, ", ", $dy, ", s8\n",
            "it mi\nvmovmi.f32 ", $x, ", s8\n"
        ),*)
    };
}

/// # Safety
///
/// `count` values are at both pointers.
#[unsafe(naked)]
unsafe extern "C" fn values(x: *const f32, y: *mut f32, count: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "movs r3, #0",
        "vmov s8, r3",
        "subs r2, #4",
        "blo 3f",
        "2:",
        "vldm r0!, {{s0-s3}}",
        rectify!("s0" "s1" "s2" "s3"),
        "subs r2, #4",
        "vstm r1!, {{s0-s3}}",
        "bhs 2b",
        "3:",
        "adds r2, #4",
        "beq 5f",
        "4:",
        "vldm r0!, {{s0}}",
        rectify!("s0"),
        "subs r2, #1",
        "vstm r1!, {{s0}}",
        "bne 4b",
        "5:",
        "bx lr",
    )
}

/// # Safety
///
/// As for [`values`].
#[unsafe(naked)]
unsafe extern "C" fn values_and_gradients(x: *mut f32, dy: *mut f32, count: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "movs r3, #0",
        "vmov s8, r3",
        "subs r2, #4",
        "blo 3f",
        "2:",
        "vldm r0, {{s0-s3}}",
        "vldm r1, {{s4-s7}}",
        rectify_both!(["s0" "s4"]["s1" "s5"]["s2" "s6"]["s3" "s7"]),
        "subs r2, #4",
        "vstm r0!, {{s0-s3}}",
        "vstm r1!, {{s4-s7}}",
        "bhs 2b",
        "3:",
        "adds r2, #4",
        "beq 5f",
        "4:",
        "vldr s0, [r0]",
        "vldr s4, [r1]",
        rectify_both!(["s0" "s4"]),
        "subs r2, #1",
        "vstm r0!, {{s0}}",
        "vstm r1!, {{s4}}",
        "bne 4b",
        "5:",
        "bx lr",
    )
}
