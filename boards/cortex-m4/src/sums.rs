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
    for (columns, add) in [(8, columns_8 as Columns), (4, columns_4)] {
        while let Some(sums) = sums.get_mut(column..column + columns) {
            // SAFETY: there are so many rows, and so many columns from this one on.
            unsafe { add(sums.as_mut_ptr(), x.as_ptr().add(column), rows, width) }
            column += columns;
        }
    }
    for x in x.chunks_exact(width) {
        sums.iter_mut().zip(x).skip(column).for_each(|(sum, x)| *sum += x);
    }
}

/// `sums[r] += Σ_c x[r][c]`; rows are `width` long.
pub fn add_row_sums(sums: &mut [f32], x: &[f32], width: usize) {
    let (fours, rest) = sums.as_chunks_mut::<4>();
    let mut x = x;
    for sums in fours {
        let Some((rows, next)) = x.split_at_checked(4 * width).filter(|_| width > 0) else { return };
        // SAFETY: there are four rows, each with at least one value.
        unsafe { rows_4(sums, rows.as_ptr(), width) }
        x = next;
    }
    for (sum, x) in rest.iter_mut().zip(x.chunks_exact(width.max(1))) {
        *sum = x.iter().fold(*sum, |sum, x| sum + x);
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

/// Four columns at a time, then one.
#[unsafe(naked)]
unsafe extern "C" fn rows_4(sums: &mut [f32; 4], x: *const f32, width: usize) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4, r5}}",
        "vpush {{s16-s19}}",
        "vldm r0, {{s0-s3}}",
        "add r3, r1, r2, lsl #2",
        "add r12, r1, r2, lsl #3",
        "add r4, r3, r2, lsl #3",
        "lsrs r5, r2, #2",
        "beq 3f",
        "2:",
        "vldm r1!, {{s4-s7}}",
        "vldm r3!, {{s8-s11}}",
        "vldm r12!, {{s12-s15}}",
        "vldm r4!, {{s16-s19}}",
        "subs r5, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s8" "s12" "s16"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s5" "s9" "s13" "s17"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s6" "s10" "s14" "s18"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s7" "s11" "s15" "s19"]),
        "bne 2b",
        "3:",
        "ands r5, r2, #3",
        "beq 5f",
        "4:",
        "vldm r1!, {{s4}}",
        "vldm r3!, {{s8}}",
        "vldm r12!, {{s12}}",
        "vldm r4!, {{s16}}",
        "subs r5, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s8" "s12" "s16"]),
        "bne 4b",
        "5:",
        "vstm r0, {{s0-s3}}",
        "vpop {{s16-s19}}",
        "pop {{r4, r5}}",
        "bx lr",
    )
}
