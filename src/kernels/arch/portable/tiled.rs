//! Matrix products from [tiles](super::tile): a tile of `C` is held in registers while the summed index runs, so the compiler vectorises over independent results. At
//! the right edge the last tile is moved back inside, and only its new values are stored. Rows that are too few for a tile
//! are worked out one by one.

use core::array;

use super::tile::{self, COLUMNS, ROWS, STRIP, heads};
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`
pub fn nn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) {
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a), Some(b_here)) = (a.get(row * a_width..), b.0.get(column..)) else { return };
        tile::nn(c, (a, a_width), (b_here, b.1), k, tiles);
    });
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let Some(a) = a.get(row * a_width..).and_then(|a| a.get(..k)) else { return };
        combine(c, (a, 1), b, k);
    }
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`
pub fn tn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) {
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a), Some(b_here)) = (a.get(row..), b.0.get(column..)) else { return };
        tile::tn(c, (a, a_width), (b_here, b.1), k, tiles);
    });
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let Some(a) = a.get(row..) else { return };
        combine(c, (a, a_width), b, k);
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a_here), Some(b_here)) = (a.0.get(row * a.1..), b.0.get(column * b.1..)) else { return };
        tile::nt(c, (a_here, a.1), (b_here, b.1), k, tiles);
    });
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let Some(a) = a.0.get(row * a.1..).and_then(|a| a.get(..k)) else { return };
        dots(c, a, b);
    }
}

/// What adds the products for rows of tiles of `C`, so many down and so many across: the first is at `[row][column]`. It owns
/// the sizes: of what it only borrows a compiler no longer knows that it is not 0, and keeps the panics of `chunks_exact`.
type AddProducts<'a> = &'a dyn Fn(usize, usize, (&mut [f32], usize), [usize; 2]);

/// Covers `C[..][n]` with as many tiles as fit, the last of each row moved back inside. Returns the first row that is not
/// covered, and all from there on.
fn cover<'a>(c: &'a mut [f32], n: usize, add_products: AddProducts) -> (usize, &'a mut [f32]) {
    if n < COLUMNS {
        return (0, c);
    }
    let mut blocks = c.chunks_exact_mut((ROWS * n).max(1));
    let (down, mut row) = (blocks.len(), 0);
    if !n.is_multiple_of(COLUMNS) {
        for block in &mut blocks {
            add_products_at_edge(row, block, n, add_products);
            row += ROWS;
        }
    }
    let Some((c, rest)) = c.split_at_mut_checked(down * ROWS * n) else { return (0, &mut []) };
    add_products(0, 0, (c, n), [down, n / COLUMNS]);
    (down * ROWS, rest)
}

/// The last tile of a row of tiles, which reaches back into the one before: what belongs to that one comes back afterwards. A
/// function of its own, so that the old values are on the stack only where there is an edge.
#[inline(never)]
pub fn add_products_at_edge(row: usize, block: &mut [f32], n: usize, add_products: AddProducts) {
    let Some(tile) = block.get_mut(n - COLUMNS..) else { return };
    let Some(old) = heads((tile, n)).map(|rows| rows.map(|row| *row)) else { return };
    add_products(row, n - COLUMNS, (tile, n), [1, 1]);
    let Some(rows) = heads((tile, n)) else { return };
    let of_the_one_before = COLUMNS - n % COLUMNS;
    for (row, old) in rows.into_iter().zip(old) {
        for ((column, value), old) in row.iter_mut().enumerate().zip(old) {
            *value = if column < of_the_one_before { old } else { *value };
        }
    }
}

/// One row of `C += A B`: `c += Σ_p a_p b[p]`, with the first column of `A`.
fn combine(c: &mut [f32], a: Matrix, (b, width): Matrix, depth: usize) {
    let (strips, rest) = c.as_chunks_mut::<STRIP>();
    let column = strips.len() * STRIP;
    tile::combine(strips, a, (b, width), depth);
    let Some(b) = b.get(column..).filter(|_| !rest.is_empty()) else { return };
    // A strip that reaches beyond the row, into the next one, while there is one that long.
    let mut strip = [0.0; STRIP];
    strip.iter_mut().zip(&*rest).for_each(|(value, c)| *value = *c);
    let whole = b.len().checked_sub(STRIP).map_or(0, |before| depth.min(before / width.max(1) + 1));
    tile::combine(array::from_mut(&mut strip), a, (b, width), whole);
    for (row, a) in a.0.chunks(a.1.max(1)).enumerate().take(depth).skip(whole) {
        for (value, b) in strip.iter_mut().zip(b.get(row * width..).unwrap_or_default()) {
            *value += a.first().unwrap_or(&0.0) * b;
        }
    }
    rest.iter_mut().zip(strip).for_each(|(c, value)| *c = value);
}

/// One row of `C += A Bᵀ`: `c[j] += Σ_p a[p] b[j][p]`.
fn dots(c: &mut [f32], a: &[f32], (b, width): Matrix) {
    let n = c.len();
    let last = c.last_chunk::<COLUMNS>().copied();
    let (strips, rest) = c.as_chunks_mut();
    tile::dots(strips, a, (b, width));
    if let Some(mut strip) = last.filter(|_| !rest.is_empty()) {
        // Reaches back into the strip before: only its new values are stored.
        tile::dots(array::from_mut(&mut strip), a, (b.get((n - COLUMNS) * width..).unwrap_or_default(), width));
        rest.iter_mut().rev().zip(strip.iter().rev()).for_each(|(c, value)| *c = *value);
    } else {
        for (c, row) in rest.iter_mut().zip(0..) {
            let Some(b) = b.get(row * width..) else { return };
            *c = a.iter().zip(b).fold(*c, |sum, (a, b)| sum + a * b);
        }
    }
}
