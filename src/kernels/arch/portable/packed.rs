//! `C += A Bᵀ` from [tiles](super::tile), after some columns of `B` have been copied side by side.

use core::array;

use super::single::{STRIP, combine_strips};
use super::tile::{self, COLUMNS, ROWS};
use super::tiled::add_products_at_edge;
use crate::kernels::matrix::Matrix;

/// Values of the summed index that are packed at a time.
const DEPTH: usize = 32;

/// `C += A Bᵀ` strip by strip: the columns of a strip are rows of `B`, which packing lays side by side for
/// all rows of `C`.
pub fn nt(c: &mut [f32], (a, a_width): Matrix, (b, b_width): Matrix, k: usize, n: usize) -> Option<()> {
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        for column in (0..n).step_by(COLUMNS) {
            let first_column = column.min(n - COLUMNS);
            let mut packed = [[0.0; COLUMNS]; DEPTH];
            for (i, b) in b.chunks(b_width.max(1)).skip(first_column).take(COLUMNS).enumerate() {
                for (values, b) in packed.iter_mut().zip(b.iter().skip(start).take(depth)) {
                    if let Some(value) = values.get_mut(i) {
                        *value = *b;
                    }
                }
            }
            let packed = (packed.as_flattened(), COLUMNS);
            let a = a.get(start..)?;
            let tiles = c.len() / (ROWS * n);
            let (whole, rest) = c.split_at_mut_checked(tiles * ROWS * n)?;
            if column == first_column {
                tile::nn((whole.get_mut(column..)?, n), (a, a_width), packed, depth, [tiles, 1])?;
            } else {
                for (block, row) in whole.chunks_exact_mut(ROWS * n).zip((0..).step_by(ROWS)) {
                    let a = a.get(row * a_width..)?;
                    add_products_at_edge(row, block, n, &|_, _, c, _| {
                        tile::nn(c, (a, a_width), packed, depth, [1, 1])
                    })?;
                }
            }
            for (c, row) in rest.chunks_exact_mut(n).zip(tiles * ROWS..) {
                let (a, c) = (a.get(row * a_width..)?, c.get_mut(first_column..)?);
                let mut strip = [0.0; STRIP];
                strip.iter_mut().zip(&*c).for_each(|(value, c)| *value = *c);
                combine_strips(array::from_mut(&mut strip), (a, 1), packed, depth)?;
                c.iter_mut().zip(strip).skip(column - first_column).for_each(|(c, value)| *c = value);
            }
        }
    }
    Some(())
}
