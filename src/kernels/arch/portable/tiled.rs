//! Matrix products from [tiles](super::tile): a tile of `C` is held in registers while the summed index runs, so the compiler
//! vectorises over independent results. At the right edge the last tile is a wide one, or it is moved back inside, and only its
//! new values are stored. Rows that are too few for a tile are computed one by one. `None` means that a factor is shorter than the sizes say.

use super::single::{combine, dots};
use super::tile::{self, COLUMNS, ROWS, WIDE, ends_wide, heads};
use crate::kernels::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`
pub fn nn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) -> Option<()> {
    let (usual, wide) = (nn_tiles::<COLUMNS>((a, a_width), b, k), nn_tiles::<WIDE>((a, a_width), b, k));
    let (first, rest) = cover(c, n, &usual, ends_wide(n).then_some(&wide))?;
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let a = a.get(row * a_width..).and_then(|a| a.get(..k))?;
        combine(c, (a, 1), b, k)?;
    }
    Some(())
}

fn nn_tiles<const WIDTH: usize>((a, a_width): Matrix, b: Matrix, k: usize) -> impl AddProducts {
    move |row, column, c, tiles| {
        let (a, b_here) = (a.get(row * a_width..)?, b.0.get(column..)?);
        tile::nn::<WIDTH>(c, (a, a_width), (b_here, b.1), k, tiles)
    }
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`
pub fn tn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) -> Option<()> {
    let (usual, wide) = (tn_tiles::<COLUMNS>((a, a_width), b, k), tn_tiles::<WIDE>((a, a_width), b, k));
    let (first, rest) = cover(c, n, &usual, ends_wide(n).then_some(&wide))?;
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let a = a.get(row..)?;
        combine(c, (a, a_width), b, k)?;
    }
    Some(())
}

fn tn_tiles<const WIDTH: usize>((a, a_width): Matrix, b: Matrix, k: usize) -> impl AddProducts {
    move |row, column, c, tiles| {
        let (a, b_here) = (a.get(row..)?, b.0.get(column..)?);
        tile::tn::<WIDTH>(c, (a, a_width), (b_here, b.1), k, tiles)
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) -> Option<()> {
    let (first, rest) = cover(
        c,
        n,
        &move |row, column, c, tiles| {
            let (a_here, b_here) = (a.0.get(row * a.1..)?, b.0.get(column * b.1..)?);
            tile::nt(c, (a_here, a.1), (b_here, b.1), k, tiles)
        },
        None,
    )?;
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let a = a.0.get(row * a.1..).and_then(|a| a.get(..k))?;
        dots(c, a, b)?;
    }
    Some(())
}

/// Adds the products for rows of tiles of `C`, given their number down and across; the first is at `[row][column]`. It owns
/// the sizes: of what it only borrows a compiler no longer knows that it is not 0, and keeps the panics of `chunks_exact`.
pub trait AddProducts: Fn(usize, usize, (&mut [f32], usize), [usize; 2]) -> Option<()> {}

impl<F: Fn(usize, usize, (&mut [f32], usize), [usize; 2]) -> Option<()>> AddProducts for F {}

/// Covers `C[..][n]` with as many tiles as fit, the last of each row a wide one or moved back inside. Returns the first row that
/// is not covered, and all from there on.
fn cover<'a>(
    c: &'a mut [f32],
    n: usize,
    usual: &dyn AddProducts,
    wide: Option<&dyn AddProducts>,
) -> Option<(usize, &'a mut [f32])> {
    if n < COLUMNS || c.len() < ROWS * n {
        return Some((0, c));
    }
    let down = c.len() / (ROWS * n).max(1);
    let (c, rest) = c.split_at_mut_checked(down * ROWS * n)?;
    let mut across = n / COLUMNS;
    match wide {
        Some(wide) => {
            across -= 1;
            let column = across * COLUMNS;
            wide(0, column, (c.get_mut(column..)?, n), [down, 1])?;
        }
        None if !n.is_multiple_of(COLUMNS) => {
            for (block, row) in c.chunks_exact_mut((ROWS * n).max(1)).zip((0..).step_by(ROWS)) {
                add_products_at_edge(row, block, n, usual)?;
            }
        }
        None => (),
    }
    usual(0, 0, (c, n), [down, across])?;
    Some((down * ROWS, rest))
}

/// The last tile of a row of tiles, which reaches back into the one before: the values of that one are restored afterwards. A
/// function of its own, so that the old values are on the stack only where there is an edge.
#[inline(never)]
pub fn add_products_at_edge(row: usize, block: &mut [f32], n: usize, add_products: &dyn AddProducts) -> Option<()> {
    let tile = block.get_mut(n - COLUMNS..)?;
    let old = heads::<COLUMNS>((tile, n)).map(|rows| rows.map(|row| *row))?;
    add_products(row, n - COLUMNS, (tile, n), [1, 1])?;
    let rows = heads::<COLUMNS>((tile, n))?;
    let restored = COLUMNS - n % COLUMNS;
    for (row, old) in rows.into_iter().zip(old) {
        for ((column, value), old) in row.iter_mut().enumerate().zip(old) {
            *value = if column < restored { old } else { *value };
        }
    }
    Some(())
}
