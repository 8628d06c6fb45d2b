//! Fills rows with values, several registers at a time.

use core::arch::naked_asm;

/// `y = value`
pub fn fill(y: &mut [f32], value: f32) {
    let (y, rest) = y.as_chunks_mut::<4>();
    // SAFETY: the count is that of `y`.
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
            // SAFETY: `y` has `rows`, each with `columns` from this one on.
            unsafe { fill(y.as_mut_ptr().add(column), bias.as_ptr(), rows, width) }
            column += columns;
        }
    }
}

/// Row number `r` of `y` becomes `bias[r]` throughout; rows are `width` long.
pub fn fill_with_column(y: &mut [f32], bias: &[f32], width: usize) {
    let rows = y.len().checked_div(width).unwrap_or(0).min(bias.len());
    if rows > 0 {
        // SAFETY: `rows` are in both.
        unsafe { fill_rows(y.as_mut_ptr(), bias.as_ptr(), rows, width) }
    }
}

/// Sixteen values at a time, then four.
#[unsafe(naked)]
unsafe extern "C" fn fill_chunks(y: *mut [f32; 4], count: usize, value: f32) {
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
