//! Sums along the rows and the columns of a matrix, some of them side by side, each in the order of its values.

use core::arch::naked_asm;

/// `sums[c] += Σ_r x[r][c]`; a row of `x` is as long as `sums`.
pub fn add_column_sums(sums: &mut [f32], x: &[f32]) {
    let width = sums.len();
    let rows = x.len().checked_div(width).unwrap_or(0);
    if rows == 0 {
        return;
    }
    let mut column = 0;
    for (columns, add) in [(8, columns_8 as Columns), (4, columns_4), (1, columns_1)] {
        while let Some(sums) = sums.get_mut(column..column + columns) {
            // SAFETY: `x` has `rows`, each with `columns` from this one on.
            unsafe { add(sums.as_mut_ptr(), x.as_ptr().add(column), rows, width) }
            column += columns;
        }
    }
}

/// `sums[r] += Σ_c x[r][c]`; rows are `width` long.
pub fn add_row_sums(sums: &mut [f32], x: &[f32], width: usize) {
    let rows = x.len().checked_div(width).unwrap_or(0).min(sums.len());
    if rows > 0 {
        // SAFETY: `rows` are in both, each with at least one value.
        unsafe { add_rows(sums.as_mut_ptr(), x.as_ptr(), width, rows) }
    }
}

/// Some columns of all rows, at least one.
type Columns = unsafe extern "C" fn(*mut f32, *const f32, usize, usize);

#[unsafe(naked)]
unsafe extern "C" fn columns_8(sums: *mut f32, x: *const f32, rows: usize, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "lsls r3, #2",
        "vldm r0, {{s0-s7}}",
        "2:",
        "vldm r1, {{s8-s15}}",
        "subs r2, #1",
        "add r1, r3",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s12" "s13" "s14" "s15"]),
        "bne 2b",
        "vstm r0, {{s0-s7}}",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn columns_4(sums: *mut f32, x: *const f32, rows: usize, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "lsls r3, #2",
        "vldm r0, {{s0-s3}}",
        "2:",
        "vldm r1, {{s8-s11}}",
        "subs r2, #1",
        "add r1, r3",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "bne 2b",
        "vstm r0, {{s0-s3}}",
        "bx lr",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn columns_1(sums: *mut f32, x: *const f32, rows: usize, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "lsls r3, #2",
        "vldr s0, [r0]",
        "2:",
        "vldr s1, [r1]",
        "subs r2, #1",
        "add r1, r3",
        "vadd.f32 s0, s0, s1",
        "bne 2b",
        "vstr s0, [r0]",
        "bx lr",
    )
}

/// Four rows at a time, then one; four columns of them at a time, then one.
#[unsafe(naked)]
unsafe extern "C" fn add_rows(sums: *mut f32, x: *const f32, width: usize, rows: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r8}}",
        "vpush {{s16-s19}}",
        "subs r3, #4",
        "blo 7f",
        "2:",
        "add r4, r1, r2, lsl #2",
        "add r6, r1, r2, lsl #3",
        "vldm r0, {{s0-s3}}",
        "add r7, r4, r2, lsl #3",
        "lsrs r8, r2, #2",
        "beq 4f",
        "3:",
        "vldm r1!, {{s4-s7}}",
        "vldm r4!, {{s8-s11}}",
        "vldm r6!, {{s12-s15}}",
        "vldm r7!, {{s16-s19}}",
        "subs r8, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s8" "s12" "s16"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s5" "s9" "s13" "s17"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s6" "s10" "s14" "s18"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s7" "s11" "s15" "s19"]),
        "bne 3b",
        "4:",
        "ands r8, r2, #3",
        "beq 6f",
        "5:",
        "vldm r1!, {{s4}}",
        "vldm r4!, {{s8}}",
        "vldm r6!, {{s12}}",
        "vldm r7!, {{s16}}",
        "subs r8, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s8" "s12" "s16"]),
        "bne 5b",
        "6:",
        "vstm r0!, {{s0-s3}}",
        "mov r1, r7",
        "subs r3, #4",
        "bhs 2b",
        "7:",
        "adds r3, #4",
        "beq 10f",
        "8:",
        "vldr s0, [r0]",
        "mov r8, r2",
        "9:",
        "vldm r1!, {{s4}}",
        "subs r8, #1",
        "vadd.f32 s0, s0, s4",
        "bne 9b",
        "vstm r0!, {{s0}}",
        "subs r3, #1",
        "bne 8b",
        "10:",
        "vpop {{s16-s19}}",
        "pop {{r4-r8}}",
        "bx lr",
    )
}
