//! `C += A Bᵀ` from [tiles](super::tile), after some columns of `B` have been copied side by side.

use super::single::combine;
use super::tile::{self, COLUMNS, ROWS, WIDE, ends_wide};
use super::tiled::add_products_at_edge;
use crate::kernels::matrix::Matrix;

/// Values of the summed index that are packed at a time.
const DEPTH: usize = 32;

/// `C += A Bᵀ` strip by strip: the columns of a strip are rows of `B`, which packing lays side by side for
/// all rows of `C`.
pub fn nt(c: &mut [f32], (a, a_width): Matrix, (b, b_width): Matrix, k: usize, n: usize) -> Option<()> {
    let usual = if ends_wide(n) { n - WIDE } else { n };
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        let (a, b) = ((a.get(start..)?, a_width), (b.get(start..)?, b_width));
        for column in (0..usual).step_by(COLUMNS) {
            strip::<COLUMNS>(c, a, b, depth, n, column)?;
        }
        if usual < n {
            strip::<WIDE>(c, a, b, depth, n, usual)?;
        }
    }
    Some(())
}

/// The columns from this one on. At the right edge those before are packed as well, so that there are enough.
fn strip<const WIDTH: usize>(
    c: &mut [f32],
    (a, a_width): Matrix,
    (b, b_width): Matrix,
    depth: usize,
    n: usize,
    column: usize,
) -> Option<()> {
    let first_column = column.min(n - WIDTH);
    let mut packed = [[0.0; WIDTH]; DEPTH];
    for (i, b) in b.chunks(b_width.max(1)).skip(first_column).take(WIDTH).enumerate() {
        for (values, b) in packed.iter_mut().zip(b.iter().take(depth)) {
            if let Some(value) = values.get_mut(i) {
                *value = *b;
            }
        }
    }
    let packed = packed.as_flattened();
    let tiles = c.len() / (ROWS * n);
    let (whole, rest) = c.split_at_mut_checked(tiles * ROWS * n)?;
    if column == first_column {
        tile::nn::<WIDTH>((whole.get_mut(column..)?, n), (a, a_width), (packed, WIDTH), depth, [tiles, 1])?;
    } else {
        for (block, row) in whole.chunks_exact_mut(ROWS * n).zip((0..).step_by(ROWS)) {
            let a = a.get(row * a_width..)?;
            add_products_at_edge(row, block, n, &move |_, _, c: (&mut [f32], usize), _| {
                tile::nn::<WIDTH>(c, (a, a_width), (packed, WIDTH), depth, [1, 1])
            })?;
        }
    }
    for (c, row) in rest.chunks_exact_mut(n).zip(tiles * ROWS..) {
        let (a, c) = (a.get(row * a_width..)?, c.get_mut(column..first_column + WIDTH)?);
        combine(c, (a, 1), (packed.get(column - first_column..)?, WIDTH), depth)?;
    }
    Some(())
}
