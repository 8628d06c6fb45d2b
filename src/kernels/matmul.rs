//! Matrix products that add to their result: `C += A B` with either factor transposed. Row-major slices, any sizes.
//!
//! Each value of `C` is the chain `((c + a₀b₀) + a₁b₁) + …` in the order of the summed index, whatever the target and
//! whatever the tiling: a tile of `C` is held in registers while the summed index runs, so the compiler vectorises over
//! independent results and never splits a sum. At the right edge the last tile is moved back inside, and only its new
//! values are stored. Rows that are too few for a tile are worked out one by one.
//!
//! A factor is given with the distance of its rows, which may overlap: the rows of a convolution are windows that move along
//! its input. One shorter than the sizes say leaves the values that it does not reach; the layers' types make that impossible.

use core::array;

use super::loops::{combine_rows, dot_rows};
use super::tile::{COLUMNS, ROWS, STRIP, heads};
use super::{UNROLLED, fast};

/// A matrix, and the distance of its rows.
pub type Matrix<'a> = (&'a [f32], usize);

/// `C[m][n] += A[m][k] B[k][n]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return combine_rows(c, (a, [a_width, 1]), b, k, n);
    }
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a), Some(b_here)) = (a.get(row * a_width..), b.0.get(column..)) else { return };
        fast::nn(c, (a, a_width), (b_here, b.1), k, tiles);
    });
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let Some(a) = a.get(row * a_width..).and_then(|a| a.get(..k)) else { return };
        combine(c, (a, 1), b, k);
    }
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn tn(c: &mut [f32], (a, a_width): Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return combine_rows(c, (a, [1, a_width]), b, k, n);
    }
    if k == 1 {
        // A value has one product: nothing to be held in registers.
        let Some(b) = b.0.get(..n) else { return };
        return fast::add_outer(c, a, b);
    }
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a), Some(b_here)) = (a.get(row..), b.0.get(column..)) else { return };
        fast::tn(c, (a, a_width), (b_here, b.1), k, tiles);
    });
    for (c, row) in rest.chunks_exact_mut(n.max(1)).zip(first..) {
        let Some(a) = a.get(row..) else { return };
        combine(c, (a, a_width), b, k);
    }
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    if !UNROLLED {
        return dot_rows(c, a, b, k, n);
    }
    if PACKS && n >= COLUMNS && c.len() >= 2 * ROWS * n {
        return nt_packed(c, a, b, k, n);
    }
    let (first, rest) = cover(c, n, &move |row, column, c, tiles| {
        let (Some(a_here), Some(b_here)) = (a.0.get(row * a.1..), b.0.get(column * b.1..)) else { return };
        fast::nt(c, (a_here, a.1), (b_here, b.1), k, tiles);
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
fn add_products_at_edge(row: usize, block: &mut [f32], n: usize, add_products: AddProducts) {
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

/// Packing pays where it fills vector registers; elsewhere it only takes stack.
const PACKS: bool = cfg!(target_pointer_width = "64");

/// As many values of the summed index are packed at a time.
const DEPTH: usize = 32;

/// `C += A Bᵀ` strip by strip: the columns of a strip are rows of `B`, which packing lays side by side for
/// all rows of `C`.
fn nt_packed(c: &mut [f32], (a, a_width): Matrix, (b, b_width): Matrix, k: usize, n: usize) {
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
            let mut blocks = c.chunks_exact_mut((ROWS * n).max(1));
            let mut row = 0;
            for block in &mut blocks {
                let Some(a) = a.get(row * a_width + start..) else { return };
                let add = |c: (&mut [f32], usize)| fast::nn(c, (a, a_width), packed, depth, [1, 1]);
                if column == first_column {
                    add((block.get_mut(column..).unwrap_or_default(), n));
                } else {
                    add_products_at_edge(row, block, n, &|_, _, c, _| add(c));
                }
                row += ROWS;
            }
            for c in blocks.into_remainder().chunks_exact_mut(n) {
                let Some(a) = a.get(row * a_width + start..) else { return };
                let Some(c) = c.get_mut(first_column..) else { return };
                let mut strip = [0.0; STRIP];
                strip.iter_mut().zip(&*c).for_each(|(value, c)| *value = *c);
                fast::combine(array::from_mut(&mut strip), (a, 1), packed, depth);
                c.iter_mut().zip(strip).skip(column - first_column).for_each(|(c, value)| *c = value);
                row += 1;
            }
        }
    }
}

/// One row of `C += A B`: `c += Σ_p a_p b[p]`, with the first column of `A`.
fn combine(c: &mut [f32], a: Matrix, (b, width): Matrix, depth: usize) {
    let (strips, rest) = c.as_chunks_mut::<STRIP>();
    let column = strips.len() * STRIP;
    fast::combine(strips, a, (b, width), depth);
    let Some(b) = b.get(column..).filter(|_| !rest.is_empty()) else { return };
    // A strip that reaches beyond the row, into the next one, while there is one that long.
    let mut strip = [0.0; STRIP];
    strip.iter_mut().zip(&*rest).for_each(|(value, c)| *value = *c);
    let whole = b.len().checked_sub(STRIP).map_or(0, |before| depth.min(before / width.max(1) + 1));
    fast::combine(array::from_mut(&mut strip), a, (b, width), whole);
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
    fast::dots(strips, a, (b, width));
    if let Some(mut strip) = last.filter(|_| !rest.is_empty()) {
        // Reaches back into the strip before: only its new values are stored.
        fast::dots(array::from_mut(&mut strip), a, (b.get((n - COLUMNS) * width..).unwrap_or_default(), width));
        rest.iter_mut().rev().zip(strip.iter().rev()).for_each(|(c, value)| *c = *value);
    } else {
        for (c, b) in rest.iter_mut().zip(b.chunks(width.max(1))) {
            *c = a.iter().zip(b).fold(*c, |sum, (a, b)| sum + a * b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn matrix(rows: usize, columns: usize, seed: f32) -> Vec<f32> {
        (0..rows * columns).map(|i| libm::sinf(0.9 * (i + 1) as f32 + seed)).collect()
    }

    fn transposed(a: &[f32], rows: usize) -> Vec<f32> {
        let columns = a.len() / rows;
        (0..a.len()).map(|i| a[i % rows * columns + i / rows]).collect()
    }

    /// The definition, in the stated order of summation.
    fn reference(c: &[f32], a: &[f32], b: &[f32], k: usize, n: usize) -> Vec<f32> {
        let value = |i: usize| (0..k).fold(c[i], |sum, p| sum + a[i / n * k + p] * b[p * n + i % n]);
        (0..c.len()).map(value).collect()
    }

    #[test]
    fn all_three_equal_the_definition_to_the_last_bit_at_any_size() {
        let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17];
        for (m, k, n) in sizes.iter().flat_map(|&m| sizes.iter().flat_map(move |&k| sizes.map(move |n| (m, k, n)))) {
            let (c, a, b) = (matrix(m, n, 0.1), matrix(m, k, 0.2), matrix(k, n, 0.3));
            let expected = reference(&c, &a, &b, k, n);
            let mut result = c.clone();
            nn(&mut result, (&a, k), (&b, n), k, n);
            assert_eq!(result, expected, "nn {m} {k} {n}");
            result.clone_from(&c);
            combine_rows(&mut result, (&a, [k, 1]), (&b, n), k, n);
            assert_eq!(result, expected, "nn by loops {m} {k} {n}");
            let (a_transposed, b_transposed) = (transposed(&a, m), transposed(&b, k));
            result.clone_from(&c);
            tn(&mut result, (&a_transposed, m), (&b, n), k, n);
            assert_eq!(result, expected, "tn {m} {k} {n}");
            result.clone_from(&c);
            combine_rows(&mut result, (&a_transposed, [1, m]), (&b, n), k, n);
            assert_eq!(result, expected, "tn by loops {m} {k} {n}");
            result.clone_from(&c);
            nt(&mut result, (&a, k), (&b_transposed, k), k, n);
            assert_eq!(result, expected, "nt {m} {k} {n}");
            result.clone_from(&c);
            dot_rows(&mut result, (&a, k), (&b_transposed, k), k, n);
            assert_eq!(result, expected, "nt by loops {m} {k} {n}");
        }
    }

    #[test]
    fn rows_may_overlap() {
        let (rows, width, step) = (9, 10, 3);
        let x = matrix(1, (rows - 1) * step + width, 0.2);
        let windows: Vec<f32> = (0..rows).flat_map(|row| x[row * step..][..width].to_vec()).collect();
        for n in [1, 3, 8, 13] {
            let (c, b) = (matrix(rows, n, 0.1), matrix(width, n, 0.3));
            let mut result = c.clone();
            nn(&mut result, (&x, step), (&b, n), width, n);
            assert_eq!(result, reference(&c, &windows, &b, width, n), "nn {n}");
            result.clone_from(&c);
            nt(&mut result, (&x, step), (&transposed(&b, width), width), width, n);
            assert_eq!(result, reference(&c, &windows, &b, width, n), "nt {n}");
            let (c, a) = (matrix(n, width, 0.1), matrix(n, rows, 0.4));
            let mut result = c.clone();
            tn(&mut result, (&transposed(&a, n), n), (&x, step), rows, width);
            assert_eq!(result, reference(&c, &a, &windows, rows, width), "tn {n}");
        }
    }

    #[test]
    fn what_a_short_factor_does_not_reach_stays() {
        let mut c = [1.0; 4];
        nn(&mut c, (&[], 0), (&[], 2), 0, 2);
        nt(&mut [], (&[], 3), (&[], 3), 3, 0);
        assert_eq!(c, [1.0; 4]);
        nn(&mut c, (&[1.0; 3], 2), (&[1.0; 4], 2), 2, 2);
        assert_eq!(c, [3.0, 3.0, 1.0, 1.0]);
    }
}
