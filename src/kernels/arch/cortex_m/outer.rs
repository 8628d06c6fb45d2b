//! Products of a vector with itself or another one: what has nothing to be summed up but the result.

use core::arch::naked_asm;

/// `C[r] += a[r] b`; the rows of `C` are as long as `b`.
pub fn add_outer(c: &mut [f32], a: &[f32], b: &[f32]) {
    let width = b.len();
    let rows = c.len().checked_div(width).unwrap_or(0).min(a.len());
    if rows == 0 {
        return;
    }
    let mut column = 0;
    for (columns, add) in [(16, outer_16 as Strip), (8, outer_8), (2, outer_2), (1, outer_1)] {
        while let Some(strip) = b.get(column..column + columns) {
            // SAFETY: `rows` are in `c` and `a`, with `columns` from this one on.
            unsafe { add(c.as_mut_ptr().add(column), a.as_ptr(), rows, strip.as_ptr(), width) }
            column += columns;
        }
    }
}

/// `lanes[i] += Σ_r rows[r][i]²`
pub fn add_squares(lanes: &mut [f32; 8], rows: &[[f32; 8]]) {
    // SAFETY: the count is that of `rows`.
    unsafe { squares(lanes, rows.as_ptr(), rows.len()) }
}

/// Some columns of all rows, at least one.
type Strip = unsafe extern "C" fn(*mut f32, *const f32, usize, *const f32, usize);

/// Adds the products of `s12` with eight values to those at `r0`.
macro_rules! eight {
    ([$($b:literal)*] [$($b_next:literal)*]) => {
        concat!(
            "vldm r0, {{s0-s7}}\n",
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] "s12" [$($b)*]),
            four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] "s12" [$($b_next)*]),
            four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s8" "s9" "s10" "s11"]),
            "vstm r0!, {{s0-s7}}",
        )
    };
}

#[unsafe(naked)]
unsafe extern "C" fn outer_16(c: *mut f32, a: *const f32, rows: usize, b: *const f32, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "ldr r12, [sp]",
        "vpush {{s16-s31}}",
        "vldm r3, {{s16-s31}}",
        "lsl r12, #2",
        "sub r12, #64",
        "2:",
        "vldm r1!, {{s12}}",
        eight!(["s16" "s17" "s18" "s19"]["s20" "s21" "s22" "s23"]),
        eight!(["s24" "s25" "s26" "s27"]["s28" "s29" "s30" "s31"]),
        "subs r2, #1",
        "add r0, r12",
        "bne 2b",
        "vpop {{s16-s31}}",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn outer_8(c: *mut f32, a: *const f32, rows: usize, b: *const f32, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "ldr r12, [sp]",
        "vpush {{s16-s23}}",
        "vldm r3, {{s16-s23}}",
        "lsl r12, #2",
        "sub r12, #32",
        "2:",
        "vldm r1!, {{s12}}",
        eight!(["s16" "s17" "s18" "s19"]["s20" "s21" "s22" "s23"]),
        "subs r2, #1",
        "add r0, r12",
        "bne 2b",
        "vpop {{s16-s23}}",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn outer_2(c: *mut f32, a: *const f32, rows: usize, b: *const f32, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "ldr r12, [sp]",
        "vldm r3, {{s4-s5}}",
        "lsl r12, #2",
        "2:",
        "vldm r1!, {{s6}}",
        "vldm r0, {{s0-s1}}",
        "vmul.f32 s2, s6, s4",
        "vmul.f32 s3, s6, s5",
        "vadd.f32 s0, s0, s2",
        "vadd.f32 s1, s1, s3",
        "subs r2, #1",
        "vstm r0, {{s0-s1}}",
        "add r0, r12",
        "bne 2b",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn outer_1(c: *mut f32, a: *const f32, rows: usize, b: *const f32, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "ldr r12, [sp]",
        "vldr s2, [r3]",
        "lsl r12, #2",
        "2:",
        "vldm r1!, {{s1}}",
        "vldr s0, [r0]",
        "subs r2, #1",
        "vmul.f32 s1, s1, s2",
        "vadd.f32 s0, s0, s1",
        "vstr s0, [r0]",
        "add r0, r12",
        "bne 2b",
        "bx lr",
    )
}

/// Adds the squares of `s8` to `s15` to `s0` to `s7`.
macro_rules! add_eight_squares {
    () => {
        concat!(
            four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"]),
            four!("vmul.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"]),
            four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
            four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s12" "s13" "s14" "s15"]),
        )
    };
}

/// Two rows at a time, and the last if their number is odd.
#[unsafe(naked)]
unsafe extern "C" fn squares(lanes: &mut [f32; 8], rows: *const [f32; 8], count: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vldm r0, {{s0-s7}}",
        "subs r2, #2",
        "blo 3f",
        "2:",
        "vldm r1!, {{s8-s15}}",
        add_eight_squares!(),
        "vldm r1!, {{s8-s15}}",
        "subs r2, #2",
        add_eight_squares!(),
        "bhs 2b",
        "3:",
        "adds r2, #1",
        "bmi 4f",
        "vldm r1!, {{s8-s15}}",
        add_eight_squares!(),
        "4:",
        "vstm r0, {{s0-s7}}",
        "bx lr",
    )
}
