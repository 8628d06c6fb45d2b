//! The gradient of a normalisation of rows of 12 or 16 values, which stay in `s0` to `s15` from the load to the store.

use core::arch::naked_asm;

use super::norm::holds;
use super::rows::add_scaled;
use crate::kernels::norm_rows;

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row.
#[inline(never)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    if !holds(width) {
        return norm_rows::normalize_backward(gradient, normalized, rstd, width);
    }
    let rows = whole_rows(gradient.len(), normalized, rstd, width);
    let (gradient, normalized, rstd) = (gradient.as_mut_ptr(), normalized.as_ptr(), rstd.as_ptr());
    if rows > 0 {
        // SAFETY: `rows` are in all of them.
        unsafe { backward(gradient, normalized, rstd, rows, width, gradient, false, 1.0 / width as f32) }
    }
}

/// `dx +=` the gradient with respect to x; `gradient`, the one with respect to x̂, is lost.
#[inline(never)]
pub fn normalize_backward_onto(dx: &mut [f32], gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    if !holds(width) {
        norm_rows::normalize_backward(gradient, normalized, rstd, width);
        return add_scaled(dx, gradient, 1.0);
    }
    let rows = whole_rows(gradient.len().min(dx.len()), normalized, rstd, width);
    let (dx, gradient, normalized, rstd) = (dx.as_mut_ptr(), gradient.as_ptr(), normalized.as_ptr(), rstd.as_ptr());
    if rows > 0 {
        // SAFETY: as above.
        unsafe { backward(gradient, normalized, rstd, rows, width, dx, true, 1.0 / width as f32) }
    }
}

/// Rows that are in all of them.
fn whole_rows(length: usize, normalized: &[f32], rstd: &[f32], width: usize) -> usize {
    (length.min(normalized.len()) / width.max(1)).min(rstd.len())
}

/// `g -= mean`, `g -= x̂ slope`, `g *= rstd` with `s24`, `s27` and `s28`; x̂ in `s16` to `s19` is lost.
macro_rules! project {
    ($($g:literal)*) => {
        concat!(
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s27"),
            four!("vsub.f32" [$($g)*] [$($g)*] "s24"),
            four!("vsub.f32" [$($g)*] [$($g)*] ["s16" "s17" "s18" "s19"]),
            four!("vmul.f32" [$($g)*] [$($g)*] "s28"),
        )
    };
}

/// Writes to `dx`, or adds to it. Share in `s25`, 0 in `s26`.
#[unsafe(naked)]
unsafe extern "C" fn backward(
    gradient: *const f32,
    normalized: *const f32,
    rstd: *const f32,
    rows: usize,
    width: usize,
    dx: *mut f32,
    add: bool,
    share: f32,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r7}}",
        "ldr r4, [sp, #16]",
        "ldrd r6, r7, [sp, #20]",
        "vpush {{s16-s31}}",
        "vmov.f32 s25, s0",
        "vsub.f32 s26, s25, s25",
        "2:",
        "vldm r0!, {{s0-s11}}",
        // No instruction changes the flags until the row is done.
        "cmp r4, #16",
        "mov r5, r1",
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s28" "s29" "s30" "s31"] ["s8" "s9" "s10" "s11"]),
        "bne 3f",
        "vldm r0!, {{s12-s15}}",
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s28" "s29" "s30" "s31"] ["s12" "s13" "s14" "s15"]),
        "3:",
        total!(["s28" "s29" "s30" "s31"], "s26"),
        "vldm r5!, {{s16-s23}}",
        "vmul.f32 s24, s28, s25",
        four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s0" "s1" "s2" "s3"] ["s16" "s17" "s18" "s19"]),
        four!("vmul.f32" ["s20" "s21" "s22" "s23"] ["s4" "s5" "s6" "s7"] ["s20" "s21" "s22" "s23"]),
        "vldm r5!, {{s16-s19}}",
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s28" "s29" "s30" "s31"] ["s20" "s21" "s22" "s23"]),
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s8" "s9" "s10" "s11"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s28" "s29" "s30" "s31"] ["s16" "s17" "s18" "s19"]),
        "bne 4f",
        "vldm r5!, {{s16-s19}}",
        four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s28" "s29" "s30" "s31"] ["s28" "s29" "s30" "s31"] ["s16" "s17" "s18" "s19"]),
        "4:",
        total!(["s28" "s29" "s30" "s31"], "s26"),
        "vldm r1!, {{s16-s19}}",
        "vmul.f32 s27, s28, s25",
        "vldm r2!, {{s28}}",
        project!("s0" "s1" "s2" "s3"),
        "vldm r1!, {{s16-s19}}",
        project!("s4" "s5" "s6" "s7"),
        "vldm r1!, {{s16-s19}}",
        project!("s8" "s9" "s10" "s11"),
        // Plus the values in dx.
        "cbz r7, 6f",
        "vldm r6, {{s16-s23}}",
        "add r12, r6, #32",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s20" "s21" "s22" "s23"]),
        "vldm r12, {{s16-s19}}",
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s16" "s17" "s18" "s19"]),
        "6:",
        "vstm r6!, {{s0-s11}}",
        "bne 5f",
        "vldm r1!, {{s16-s19}}",
        project!("s12" "s13" "s14" "s15"),
        "cbz r7, 7f",
        "vldm r6, {{s16-s19}}",
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s16" "s17" "s18" "s19"]),
        "7:",
        "vstm r6!, {{s12-s15}}",
        "5:",
        "subs r3, #1",
        "bne 2b",
        "vpop {{s16-s31}}",
        "pop {{r4-r7}}",
        "bx lr",
    )
}
