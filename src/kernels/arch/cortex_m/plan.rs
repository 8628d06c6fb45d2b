//! Arguments of the assembly for matrix products.

use core::ptr;

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
}

/// Arguments for tiles.
#[repr(C)]
pub struct Tiles {
    plan: Plan,
    /// Where the four values are that the sums of a row or a column of tiles start from; null if they start from `C`.
    start: *const f32,
    /// From there to the four for the next row of tiles.
    start_step: usize,
}

/// Adds to all tiles of `C`, at least one.
pub type AddTiles = unsafe extern "C" fn(&mut Tiles);

const ZEROS: &[f32; SIDE] = &[0.0; SIDE];

/// What sums start from.
#[derive(Clone, Copy)]
pub enum Start {
    /// What is in `C`.
    There,
    /// 0
    Zero,
    /// A value for each column.
    Row(*const f32),
    /// A value for each row.
    Column(*const f32),
}

impl Tiles {
    /// For tiles which take eight steps at a time, from the middle if the number of fours is odd. Where the values of
    /// a factor are adjacent for these, it begins that far before its first value.
    #[inline(always)]
    pub fn new(plan: Plan, start: Start, [a, b]: [bool; 2]) -> Self {
        let before = plan.depth & 4;
        let first = |factor: *const f32, side_by_side| if side_by_side { factor.wrapping_sub(before) } else { factor };
        let back = bytes(plan.depth + before);
        let (start, start_step) = match start {
            Start::There => (ptr::null(), 0),
            Start::Zero => (ZEROS.as_ptr(), 0),
            // The assembly moves on from tile to tile.
            Start::Row(values) => (values, bytes(SIDE * plan.tiles).wrapping_neg()),
            Start::Column(values) => (values, bytes(SIDE)),
        };
        let (a, b, b_step) = (first(plan.a, a), first(plan.b, b), plan.b_step.wrapping_sub(back));
        Self { plan: Plan { a, b, back, b_step, ..plan }, start, start_step }
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
