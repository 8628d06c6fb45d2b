//! Matrix products of any size, `C += A B`, with the bits of `the plain Rust`: in tiles, and in pairs of rows or
//! columns where there are too few for a tile.

use super::outer::add_outer;
use super::pair::{self, Lines, STRIP, add_combinations, add_dots};
use super::plan::{self, Plan, SIDE, bytes};
use super::single::{add_combination_8, add_combination_16, add_dot, add_dots_4, add_dots_8};
use super::tile::{add_nn, add_nt, add_tn};
use super::view::View;
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`; `m` follows from the length of `c`. Nothing is done if a factor is shorter than that.
pub fn nn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    let m = c.len().checked_div(n).unwrap_or(0);
    if let (Some(a), Some(b)) = (view(a, m, k), view(b, k, n)) {
        let product = Product { c: View::new(c.as_mut_ptr(), n), a, b, m, k, n };
        // SAFETY: the sizes reach no further than what was borrowed.
        unsafe {
            product.tiles(add_nn, [a.down, b.down], [true, false]);
            if let Some(rows) = product.bottom() {
                rows.combinations();
            }
            if let Some(columns) = product.right() {
                columns.dots();
            }
        }
    }
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`, otherwise as [`nn`].
pub fn tn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if k == 1 {
        // A value has one product: nothing to be held in registers.
        return add_outer(c, a.0, b.0.get(..n).unwrap_or_default());
    }
    let m = c.len().checked_div(n).unwrap_or(0);
    if let (Some(a), Some(b)) = (view(a, k, m), view(b, k, n)) {
        let product = Product { c: View::new(c.as_mut_ptr(), n), a: a.transposed(), b, m, k, n };
        // SAFETY: as above.
        unsafe {
            product.tiles(add_tn, [a.down, b.down], [false, false]);
            if let Some(rows) = product.bottom() {
                rows.combinations();
            }
            if let Some(columns) = product.right() {
                columns.combinations();
            }
        }
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`, otherwise as [`nn`].
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    let m = c.len().checked_div(n).unwrap_or(0);
    if let (Some(a), Some(b)) = (view(a, m, k), view(b, n, k)) {
        let product = Product { c: View::new(c.as_mut_ptr(), n), a, b: b.transposed(), m, k, n };
        // SAFETY: as above.
        unsafe {
            product.tiles(add_nt, [a.down, b.down], [true, true]);
            if let Some(rows) = product.bottom() {
                rows.dots();
            }
            if let Some(columns) = product.right() {
                columns.dots();
            }
        }
    }
}

/// A matrix with this number of rows, the last of which has this number of columns; `None` if it is too short for them. Then
/// nothing is added: a caller's bug must not reach beyond the slice.
fn view((values, width): Matrix, rows: usize, columns: usize) -> Option<View> {
    let last = rows.checked_sub(1).and_then(|before| before.checked_mul(width))?;
    (columns > 0 && columns <= values.len().checked_sub(last)?).then(|| View::new(values.as_ptr().cast_mut(), width))
}

/// `C[m][n] += A[m][k] B[k][n]`
#[derive(Clone, Copy)]
struct Product {
    c: View,
    a: View,
    b: View,
    m: usize,
    k: usize,
    n: usize,
}

/// What of a number fills tiles.
fn whole(count: usize) -> usize {
    count - count % SIDE
}

impl Product {
    fn rows_from(&self, row: usize) -> Self {
        Self { c: self.c.from(row, 0), a: self.a.from(row, 0), m: self.m - row, ..*self }
    }

    fn columns_from(&self, column: usize) -> Self {
        Self { c: self.c.from(0, column), b: self.b.from(0, column), n: self.n - column, ..*self }
    }

    /// The rows below all tiles, if there are any.
    fn bottom(&self) -> Option<Self> {
        (!self.m.is_multiple_of(SIDE)).then(|| self.rows_from(whole(self.m)))
    }

    /// The columns to the right of all tiles, if there are any, as rows.
    fn right(&self) -> Option<Self> {
        (!self.n.is_multiple_of(SIDE) && self.m >= SIDE).then(|| {
            let Self { c, a, b, m, k, n } = self.columns_from(whole(self.n));
            Self { c: c.transposed(), a: b.transposed(), b: a.transposed(), m: n, k, n: whole(m) }
        })
    }

    /// # Safety
    ///
    /// All values are there, in the layout that `add` expects; the widths are those distances in `A` and `B` that need not be 1,
    /// and `side_by_side` says whose values are for successive steps.
    unsafe fn tiles(&self, add: plan::Add, widths: [usize; 2], side_by_side: [bool; 2]) {
        let tiles = [self.m / SIDE, self.n / SIDE];
        if tiles[0] > 0 && tiles[1] > 0 {
            // SAFETY: as said above.
            unsafe {
                let plan = Plan::new([self.c, self.a, self.b], self.k, tiles, SIDE, widths);
                add(&mut plan.by_eight(side_by_side));
            }
        }
    }

    /// A row, in strips of `columns`; returns the columns that are left.
    ///
    /// # Safety
    ///
    /// As for [`tiles`](Self::tiles).
    #[inline(never)]
    unsafe fn strips(&self, add: plan::Add, columns: usize, widths: [usize; 2]) -> Self {
        let strips = self.n / columns;
        if strips > 0 {
            // SAFETY: as said above.
            unsafe { add(&mut Plan::new([self.c, self.a, self.b], self.k, [1, strips], columns, widths)) }
        }
        self.columns_from(strips * columns)
    }

    /// The first two rows, or the only one. If the last strip is cut off, columns are before it.
    ///
    /// # Safety
    ///
    /// As for [`tiles`](Self::tiles).
    #[inline(never)]
    unsafe fn pair(&self, add: pair::Add, b_width: usize) {
        let (c, a) = if self.m > 1 { (self.c, self.a) } else { (self.c.repeated(), self.a.repeated()) };
        if self.n > 0 {
            // SAFETY: as said above; a row that is computed twice has the same result both times.
            unsafe { add(&mut Lines::new([c, a, self.b], self.k, self.n, b_width)) }
        }
    }

    /// From rows of `B`, whose values are adjacent; at most three rows.
    ///
    /// # Safety
    ///
    /// All values are there.
    unsafe fn combinations(&self) {
        // SAFETY: as said above.
        unsafe {
            self.pair_of_combinations();
            if self.m > 2 {
                self.rows_from(2).pair_of_combinations();
            }
        }
    }

    /// The first two rows, or the only one.
    #[inline(never)]
    unsafe fn pair_of_combinations(&self) {
        let (width, factors) = (self.b.down, self.a.across);
        // SAFETY: as said above.
        unsafe {
            if self.n < STRIP {
                self.less_than_a_strip();
            } else if self.m == 1 && self.c.across == 1 {
                let rest = self.strips(add_combination_16, 2 * STRIP, [factors, width]);
                rest.strips(add_combination_8, STRIP, [factors, width]).pair(add_combinations, width);
            } else {
                self.pair(add_combinations, width);
            }
        }
    }

    /// Columns of two rows that are too few: what follows them in `B` is read as well, but nothing behind its end.
    #[inline(never)]
    unsafe fn less_than_a_strip(&self) {
        let (rows, mut sums) = (self.m.min(2), [[0.0; STRIP]; 2]);
        let strip = View::new(sums.as_mut_ptr().cast(), STRIP);
        let steps = self.k.saturating_sub((STRIP - self.n).div_ceil(self.b.down.max(1)));
        // SAFETY: in the first `steps` a whole strip is there, and in the others the values of the row.
        unsafe {
            strip.copy(self.c, rows, self.n);
            if steps > 0 {
                Self { c: strip, k: steps, n: STRIP, ..*self }.pair(add_combinations, self.b.down);
            }
            let (a, b) = (self.a.from(0, steps), self.b.from(steps, 0));
            Self { c: strip, a, b, k: self.k - steps, ..*self }.one_by_one();
            self.c.copy(strip, rows, self.n);
        }
    }

    /// From columns of `B`, whose values are adjacent; at most three rows.
    ///
    /// # Safety
    ///
    /// All values are there.
    unsafe fn dots(&self) {
        // SAFETY: as said above.
        unsafe {
            self.pair_of_dots();
            if self.m > 2 {
                self.rows_from(2).pair_of_dots();
            }
        }
    }

    /// The first two rows, or the only one.
    #[inline(never)]
    unsafe fn pair_of_dots(&self) {
        let plain = self.c.across == 1 && self.a.across == 1;
        // SAFETY: as said above.
        unsafe {
            if self.n >= STRIP && (self.m > 1 || !plain) {
                self.pair(add_dots, self.b.across);
            } else if plain {
                self.row_of_dots();
                if self.m > 1 {
                    self.rows_from(1).row_of_dots();
                }
            } else {
                self.one_by_one();
            }
        }
    }

    /// A row of any length, whose values are adjacent in `A` and `C` as well.
    #[inline(never)]
    unsafe fn row_of_dots(&self) {
        let (widths, mut sums) = ([0, self.b.across], [0.0; SIDE]);
        // SAFETY: as said above.
        unsafe {
            let rest = self.strips(add_dots_8, 2 * SIDE, widths);
            if rest.n == 0 {
                return;
            }
            let rest = rest.strips(add_dots_4, SIDE, widths);
            if self.n < SIDE {
                Self { m: 1, ..*self }.one_by_one();
            } else if rest.n > 0 {
                let (last, strip) = (self.columns_from(self.n - SIDE), View::new(sums.as_mut_ptr(), SIDE));
                strip.copy(last.c, 1, SIDE);
                Self { c: strip, ..last }.strips(add_dots_4, SIDE, widths);
                rest.c.copy(strip.from(0, SIDE - rest.n), 1, rest.n);
            }
        }
    }

    /// The first two rows, or the only one, value by value.
    #[inline(never)]
    unsafe fn one_by_one(&self) {
        for (row, column) in (0..self.m.min(2)).flat_map(|row| (0..self.n).map(move |column| (row, column))) {
            let (a, b) = (self.a.from(row, 0), self.b.from(0, column));
            // SAFETY: as said above.
            unsafe { add_dot(self.c.value(row, column), self.k, a.at, bytes(a.across), b.at, bytes(b.down)) }
        }
    }
}
