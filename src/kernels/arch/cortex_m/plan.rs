//! Arguments of the assembly for matrix products.

use super::view::View;

/// Rows of a tile, and its columns.
pub const SIDE: usize = 4;

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
    /// Tiles of a row of tiles.
    tiles: usize,
    /// From a tile to the one to its right.
    b_step: usize,
    /// Rows of tiles that are left.
    rows: usize,
    /// From behind the last tile of such a row to the first of the next.
    c_step: usize,
    a_step: usize,
    /// From where a tile leaves `A` back to where it began.
    back: usize,
}

/// Adds to as many tiles of `C` as there are, at least one.
pub type Add = unsafe extern "C" fn(&mut Plan);

impl Plan {
    /// For `rows` of `tiles`, each `columns` wide. The widths are those distances in `A` and `B` that
    /// need not be 1.
    #[inline(always)]
    pub fn new(
        [c, a, b]: [View; 3],
        depth: usize,
        [rows, tiles]: [usize; 2],
        columns: usize,
        [a_width, b_width]: [usize; 2],
    ) -> Self {
        Self {
            c: c.at,
            c_width: bytes(c.down),
            depth,
            a: a.at,
            a_width: bytes(a_width),
            b: b.at,
            b_width: bytes(b_width),
            tiles,
            b_step: bytes(columns * b.across),
            rows,
            c_step: bytes(SIDE * c.down.wrapping_sub(tiles)),
            a_step: bytes(SIDE * a.down),
            back: 0,
        }
    }

    /// The same for tiles which take eight steps at a time, from the middle if the number of fours is odd. Where the values of
    /// a factor are adjacent for these, it begins that far before its first value.
    pub fn by_eight(self, [a, b]: [bool; 2]) -> Self {
        let before = self.depth & 4;
        let start = |factor: *const f32, side_by_side| if side_by_side { factor.wrapping_sub(before) } else { factor };
        let back = bytes(self.depth + before);
        Self { a: start(self.a, a), b: start(self.b, b), back, b_step: self.b_step.wrapping_sub(back), ..self }
    }
}

/// Size of this number of values in bytes.
#[inline(always)]
pub fn bytes(values: usize) -> usize {
    values.wrapping_mul(size_of::<f32>())
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
