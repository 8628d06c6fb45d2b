//! Sums of squares.

use core::arch::naked_asm;

/// `lanes[i] += Σ_r rows[r][i]²`
pub fn add_squares(lanes: &mut [f32; 8], rows: &[[f32; 8]]) {
    for rows in rows.chunks(TOGETHER) {
        for (place, lane) in lanes.iter_mut().enumerate() {
            let (first, mut left) = (rows.as_ptr().cast::<f32>().wrapping_add(place), rows.len());
            while left > 0 {
                let next = first.wrapping_add(8 * (rows.len() - left));
                // SAFETY: from there on as many are left, each in a row of its own.
                left = unsafe { add_column(lane, next, left) };
                if let Some(row) = rows.len().checked_sub(left).and_then(|row| rows.get(row)) {
                    let value = row.get(place).copied().unwrap_or_default();
                    *lane += value * value;
                    left -= 1;
                }
            }
        }
    }
}

/// Rows, none of whose squares is above 2¹¹⁸, after which a sum that began below 2¹¹³ is still finite.
const TOGETHER: usize = 256;

/// Adds squares of values, at least one, each of which is eight behind the one before. Returns how many are left: it ends where the sum or a
/// value is no usual number.
#[unsafe(naked)]
unsafe extern "C" fn add_column(sum: &mut f32, x: *const f32, count: usize) -> usize {
    naked_asm!(
        ".option push",
        ".option arch, +m, +c",
        step!(),
        rare!(),
        floats!(),
        "addi sp, sp, -16",
        "sw s0, 0(sp)",
        "sw s1, 4(sp)",
        "sw s2, 8(sp)",
        "sw s3, 12(sp)",
        constants!(),
        "li a3, 122",
        "lw s2, 0(a0)",
        "lui t3, 0x80000",
        "li t2, 239",
        "trainlet_unpack 1, s2, s3",
        "2:",
        "lw s0, 0(a1)",
        "slli s1, s0, 1",
        "srli s1, s1, 24",
        "addi s1, s1, -64",
        "bgeu s1, a3, 6f",
        // A square has no sign, and its word none either.
        "slli s0, s0, 8",
        "lui t3, 0x80000",
        "or s0, s0, t3",
        "srli s0, s0, 1",
        "trainlet_step 1, s0, s1, s0, s1, s2, s3",
        "3:",
        "addi a1, a1, 32",
        "addi a2, a2, -1",
        "bnez a2, 2b",
        "5:",
        "lui t3, 0x80000",
        "trainlet_pack 1, s2, s3, 0(a0)",
        "4:",
        "mv a0, a2",
        "lw s0, 0(sp)",
        "lw s1, 4(sp)",
        "lw s2, 8(sp)",
        "lw s3, 12(sp)",
        "addi sp, sp, 16",
        "ret",
        "6:",
        "slli t0, s0, 1",
        "beqz t0, 3b",
        "j 5b",
        "trainlet_unusual 1, s2, s3",
        "trainlet_pack_rest 1, s2, s3",
        "trainlet_rare 1, s2, s3",
        end!(),
        ".option pop",
    )
}
