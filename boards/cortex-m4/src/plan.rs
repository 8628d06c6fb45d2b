//! What the assembly of matrix products is told.

/// Rows of a tile, and its columns.
pub const SIDE: usize = 4;

/// A matrix from the first value that is needed on, and the distance of its rows.
pub type Matrix<'a> = (&'a [f32], usize);

/// Addresses, numbers, and distances in bytes. The assembly moves on to the next tile in here.
#[repr(C)]
pub struct Plan {
    c: *mut f32,
    c_width: usize,
    depth: usize,
    a: *const f32,
    a_width: usize,
    b: *const f32,
    b_width: usize,
    /// Tiles that are left in this row of tiles.
    tiles: usize,
    /// From a tile to the one to its right.
    b_step: usize,
    /// Rows of tiles that are left.
    rows: usize,
    /// From behind the last tile of such a row to the first of the next.
    c_step: usize,
    a_step: usize,
    /// What each row of tiles begins with.
    first_b: *const f32,
    across: usize,
}

/// Whether a matrix has so many rows, the last of which has so many columns.
pub fn reaches((values, width): Matrix, rows: usize, columns: usize) -> bool {
    let last = rows.checked_sub(1).and_then(|before| before.checked_mul(width));
    last.and_then(|last| values.len().checked_sub(last)).is_some_and(|rest| columns <= rest)
}

/// Calls a function for so many rows of so many tiles; `C` and the factors reach as far as it looks. The steps are the
/// distances of the values of `A` for one row of tiles and the next, and of those of `B` for two tiles side by side.
#[inline(always)]
pub fn run(
    add: unsafe extern "C" fn(&mut Plan),
    c: (&mut [f32], usize),
    a: Matrix,
    b: Matrix,
    (depth, [rows, across], [a_step, b_step]): (usize, [usize; 2], [usize; 2]),
) {
    const WORD: usize = size_of::<f32>();
    if depth > 0 && rows > 0 && across > 0 {
        let c_width = c.1.wrapping_mul(WORD);
        let mut plan = Plan {
            c: c.0.as_mut_ptr(),
            c_width,
            depth,
            a: a.0.as_ptr(),
            a_width: a.1.wrapping_mul(WORD),
            b: b.0.as_ptr(),
            b_width: b.1.wrapping_mul(WORD),
            tiles: across,
            b_step: b_step.wrapping_mul(WORD),
            rows,
            c_step: c_width.wrapping_sub(across.wrapping_mul(WORD)).wrapping_mul(SIDE),
            a_step: a_step.wrapping_mul(WORD),
            first_b: b.0.as_ptr(),
            across,
        };
        // SAFETY: all that it reads lies in the two factors, and what it writes in `C`.
        unsafe { add(&mut plan) }
    }
}

/// Moves on to the tile to the right, to which `r1` points, and starts again at 2 if there is one.
macro_rules! next_tile {
    () => {
        "str r1, [r0]
         ldr r1, [r0, #20]
         ldr r2, [r0, #28]
         ldr r3, [r0, #32]
         subs r2, #1
         add r1, r3
         str r1, [r0, #20]
         str r2, [r0, #28]
         bne 2b"
    };
}

/// Moves on to the next row of tiles, and starts again at 2 if there is one.
macro_rules! next_row {
    () => {
        "add r4, r0, #36
         ldr r1, [r0]
         ldr r2, [r0, #12]
         ldm r4, {{r5-r9}}
         subs r5, #1
         add r1, r6
         add r2, r7
         str r1, [r0]
         str r2, [r0, #12]
         str r8, [r0, #20]
         str r9, [r0, #28]
         str r5, [r0, #36]
         bne 2b"
    };
}
