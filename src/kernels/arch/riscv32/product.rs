//! Matrix products of any size, `C += A B`: in tiles of two rows and two columns from [panels](super::panel) on the stack, and by
//! single operations where something is no usual number.

use super::panel::{Factor, Words};
use super::tile::add_tiles;
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`; `m` follows from the length of `c`. Nothing is done if a factor is shorter than that.
pub fn nn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    add_products(c, a, b, k, n, Kind::Nn);
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`, otherwise as [`nn`].
pub fn tn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    add_products(c, a, b, k, n, Kind::Tn);
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`, otherwise as [`nn`].
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    add_products(c, a, b, k, n, Kind::Nt);
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Nn,
    Tn,
    Nt,
}

#[inline(never)]
fn add_products(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize, kind: Kind) {
    let m = c.len().checked_div(n).unwrap_or(0);
    let of_a = if kind == Kind::Tn { [1, a.1] } else { [a.1, 1] };
    let of_b = if kind == Kind::Nt { [b.1, 1] } else { [1, b.1] };
    if let (Some(a), Some(b)) = (factor(a.0, of_a, m, k), factor(b.0, of_b, n, k)) {
        let part = Part { start: 0, depth: 0, column: 0, columns: 0 };
        let mut product = Product { c: c.as_mut_ptr(), a, b, m, k, n, part, words: Words::ZERO };
        // SAFETY: the sizes reach no further than what was borrowed.
        unsafe { product.add() }
    }
}

/// A factor of this number of lines and steps, given the distances of both; `None` if there are fewer, or none.
#[inline(always)]
fn factor(values: &[f32], [line, step]: [usize; 2], lines: usize, steps: usize) -> Option<Factor> {
    let last = lines.checked_sub(1)?.checked_mul(line)?.checked_add(steps.checked_sub(1)?.checked_mul(step)?)?;
    (last < values.len()).then(|| Factor { first: values.as_ptr(), line, step })
}

/// `C[m][n] += A B`: lines of `A` are rows of `C`, lines of `B` are columns of it. Everything is in one place, so that the stack is
/// little.
struct Product {
    c: *mut f32,
    a: Factor,
    b: Factor,
    m: usize,
    k: usize,
    n: usize,
    part: Part,
    words: Words,
}

/// What is unpacked of `B`.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    depth: usize,
    column: usize,
    columns: usize,
}

impl Product {
    /// Strips of steps, one after the other, and in each of them columns, as many as there are words for.
    ///
    /// # Safety
    /// All values are there.
    #[inline(always)]
    unsafe fn add(&mut self) {
        let (depth, columns) = Words::shares(self.k);
        while self.part.start < self.k {
            self.part.depth = depth.min(self.k - self.part.start);
            self.part.column = 0;
            while self.part.column < self.n {
                self.part.columns = columns.min(self.n - self.part.column);
                // SAFETY: as said above.
                unsafe { self.rows() }
                self.part.column += columns;
            }
            self.part.start += depth;
        }
    }

    /// All rows of a part, in pairs.
    #[inline(never)]
    unsafe fn rows(&mut self) {
        // SAFETY: as said above.
        unsafe {
            let usual = self.unpack_columns();
            for row in (0..self.m).step_by(2) {
                if usual && self.unpack_rows(row) {
                    self.tiles(row);
                } else {
                    self.singly(row, 0, self.part.columns);
                }
            }
        }
    }

    /// Whether all values of the columns have a word.
    #[inline(never)]
    unsafe fn unpack_columns(&mut self) -> bool {
        let Part { start, depth, column, columns } = self.part;
        for pair in (0..columns).step_by(2) {
            let words = self.words.columns(depth, pair);
            // SAFETY: as said above.
            if !unsafe { self.b.unpack_pair([column + pair, self.n], [start, depth], words) } {
                return false;
            }
        }
        true
    }

    /// Whether all values of a pair of rows have a word.
    #[inline(always)]
    unsafe fn unpack_rows(&mut self, row: usize) -> bool {
        let Part { start, depth, .. } = self.part;
        // SAFETY: as said above.
        unsafe { self.a.unpack_pair([row, self.m], [start, depth], self.words.rows()) }
    }

    /// A pair of rows, or the last row.
    #[inline(always)]
    unsafe fn tiles(&mut self, row: usize) {
        let (mut column, whole) = (0, self.part.columns & !1);
        // SAFETY: as said above.
        unsafe {
            while column < whole {
                let below = if row + 1 < self.m { size_of::<f32>() * self.n } else { 0 };
                let (a, b) = (self.words.rows(), self.words.columns(self.part.depth, column));
                let left = add_tiles(self.at(row, column), below, a, b, self.part.depth, (whole - column) / 2);
                column = whole - 2 * left;
                if left > 0 {
                    self.singly(row, column, 2);
                    column += 2;
                }
            }
            if column < self.part.columns {
                self.half_tile(row, column);
            }
        }
    }

    /// A tile of which only the left half is there.
    #[inline(never)]
    unsafe fn half_tile(&mut self, row: usize, column: usize) {
        let (c, lower) = (self.at(row, column), self.at(self.m.min(row + 2) - 1, column));
        let (a, b) = (self.words.rows(), self.words.columns(self.part.depth, column));
        // SAFETY: as said above.
        unsafe {
            let mut sums = [*c, 0.0, *lower, 0.0];
            if add_tiles(sums.as_mut_ptr(), 2 * size_of::<f32>(), a, b, self.part.depth, 1) > 0 {
                return self.singly(row, column, 1);
            }
            // Of a row that counts for two, the first.
            *lower = sums[2];
            *c = sums[0];
        }
    }

    /// Columns of a pair of rows, or of the last row, by single operations.
    #[cold]
    #[inline(never)]
    unsafe fn singly(&self, row: usize, column: usize, columns: usize) {
        let Part { start, depth, .. } = self.part;
        for row in row..self.m.min(row + 2) {
            for column in column..column + columns {
                let (c, column) = (self.at(row, column), column + self.part.column);
                for step in start..start + depth {
                    // SAFETY: as said above.
                    unsafe { *c += *self.a.at(row, step) * *self.b.at(column, step) }
                }
            }
        }
    }

    /// A value of the part.
    fn at(&self, row: usize, column: usize) -> *mut f32 {
        self.c.wrapping_add(row * self.n + self.part.column + column)
    }
}
