//! Tiles of `C += A B` with either factor transposed: some values of `C` that are held in registers while the summed index
//! runs.
//!
//! A matrix comes from the first value that is needed on, with the distance of its rows; `depth` is the length of the
//! summed index. Each function takes some rows of some tiles. `None` means that a matrix is shorter than the sizes say.

use super::rows::{heads_of_rows, value};
use crate::kernels::arch::HAS_VECTORS;
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::matrix::Matrix;

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: with its rows, what fits the registers. 16 vector registers on a desktop, 32 scalar ones on a
/// Cortex-M4F; on a target without either it matters little.
pub const COLUMNS: usize = if HAS_VECTORS { 8 } else { 4 };
/// Columns of the last tile of a row where half a tile would be left over: it takes these as well.
pub const WIDE: usize = COLUMNS + COLUMNS / 2;

/// Whether the last tile of rows of `n` values is a wide one. The sums of such a tile fit vector registers alone.
pub const fn ends_wide(n: usize) -> bool {
    HAS_VECTORS && n > COLUMNS && n % COLUMNS == WIDE - COLUMNS
}

/// Rows of tiles that are computed in pairs, one below the other: one alone would fill only half of the
/// wider registers, and each of its sums would wait for the one before. A wide tile has enough of them.
fn paired<const WIDTH: usize>(down: usize) -> usize {
    if WIDTH == COLUMNS && has_wide_vectors() { down - down % 2 } else { 0 }
}

/// Whether vectors have eight values.
#[cfg(all(feature = "asm", feature = "std", target_arch = "x86_64"))]
fn has_wide_vectors() -> bool {
    use crate::kernels::arch::multiversion::Instructions;
    Instructions::of_this_processor() != Instructions::Baseline
}

#[cfg(not(all(feature = "asm", feature = "std", target_arch = "x86_64")))]
const fn has_wide_vectors() -> bool {
    cfg!(target_feature = "avx")
}

/// `C += A B`
#[inline(never)]
pub fn nn<const WIDTH: usize>(
    (c, c_width): (&mut [f32], usize),
    a: Matrix,
    b: Matrix,
    depth: usize,
    [down, across]: [usize; 2],
) -> Option<()> {
    let paired = paired::<WIDTH>(down);
    for row in (0..down).map(|tile| tile * ROWS) {
        let (mut c, a_here) = (c.get_mut(row * c_width..)?, a.0.get(row * a.1..)?);
        let add = match row / ROWS {
            tile if tile >= paired => nn_tile::<WIDTH>,
            tile if tile % 2 == 0 => nn_pair::<WIDTH>,
            // Was the lower of a pair.
            _ => continue,
        };
        let mut b_here = b.0;
        for _ in 0..across {
            add((c, c_width), (a_here, a.1), (b_here, b.1), depth)?;
            (c, b_here) = (c.get_mut(WIDTH..)?, b_here.get(WIDTH..)?);
        }
    }
    Some(())
}

multiversion! {
    /// A function of its own, so that the addresses of the inner loop stay in registers; and so is the next one.
    #[inline(never)]
    fn nn_tile [WIDTH: usize](c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize) -> Option<()> {
        let (c, a) = (heads::<WIDTH>(c)?, rows(a, depth)?);
        let mut sums = c.each_ref().map(|c| **c);
        let mut b = heads_of_rows(b);
        // Four steps at a time move addresses but once.
        let [(a0, rest0), (a1, rest1), (a2, rest2), (a3, rest3)] = a.map(|row: &[f32]| row.as_chunks::<4>());
        for (((a0, a1), a2), a3) in a0.iter().zip(a1).zip(a2).zip(a3) {
            for (((a0, a1), a2), a3) in a0.iter().zip(a1).zip(a2).zip(a3) {
                if let Some(b) = b.next() {
                    add_step(&mut sums, &[*a0, *a1, *a2, *a3], b);
                }
            }
        }
        for ((((a0, a1), a2), a3), b) in rest0.iter().zip(rest1).zip(rest2).zip(rest3).zip(b) {
            add_step(&mut sums, &[*a0, *a1, *a2, *a3], b);
        }
        store(c, sums);
        Some(())
    }
}

multiversion! {
    #[inline(never)]
    fn nn_pair [WIDTH: usize](c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize) -> Option<()> {
        let below = a.0.get(ROWS * a.1..)?;
        let (upper, lower) = (rows(a, depth)?, rows((below, a.1), depth)?);
        let a = columns(upper, depth).zip(columns(lower, depth)).map(|(upper, lower)| [upper, lower]);
        add_products_to_pair::<WIDTH>(c, a.zip(heads_of_rows(b).copied()))
    }
}

multiversion! {
    widest = "avx2";
    /// `C += Aᵀ B`
    #[inline(never)]
    pub fn tn [WIDTH: usize](c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, tiles: [usize; 2]) -> Option<()> {
        let ((c, c_width), [down, across]) = (c, tiles);
        let paired = paired::<WIDTH>(down);
        for row in (0..down).map(|tile| tile * ROWS) {
            let (c, a_here) = (c.get_mut(row * c_width..)?, a.0.get(row..)?);
            for column in (0..across).map(|tile| tile * WIDTH) {
                let (c, b_here) = (c.get_mut(column..)?, b.0.get(column..)?);
                let (c, a, b) = ((c, c_width), (a_here, a.1), (b_here, b.1));
                match row / ROWS {
                    tile if tile >= paired => tn_tile::<WIDTH>(c, a, b, depth)?,
                    tile if tile % 2 == 0 => tn_pair::<WIDTH>(c, a, b, depth)?,
                    // Was the lower of a pair.
                    _ => (),
                }
            }
        }
        Some(())
    }
}

#[inline(always)]
fn tn_tile<const WIDTH: usize>(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize) -> Option<()> {
    add_products::<WIDTH>(c, heads_of_rows(a).copied().zip(heads_of_rows(b).copied().take(depth)))
}

#[inline(always)]
fn tn_pair<const WIDTH: usize>(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize) -> Option<()> {
    let a = heads_of_rows(a).map(|[a, b, c, d, e, f, g, h]| [[*a, *b, *c, *d], [*e, *f, *g, *h]]);
    add_products_to_pair::<WIDTH>(c, a.zip(heads_of_rows(b).copied().take(depth)))
}

/// `C += A Bᵀ`
#[inline(never)]
pub fn nt(
    (c, c_width): (&mut [f32], usize),
    a: Matrix,
    b: Matrix,
    depth: usize,
    [down, across]: [usize; 2],
) -> Option<()> {
    for row in (0..down).map(|tile| tile * ROWS) {
        let (c, a_here) = (c.get_mut(row * c_width..)?, a.0.get(row * a.1..)?);
        nt_row((c, c_width), (a_here, a.1), b, depth, across)?;
    }
    Some(())
}

multiversion! {
    /// A row of tiles, by itself for the same reason as [`nn_tile`].
    #[inline(never)]
    fn nt_row(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, across: usize) -> Option<()> {
        let (c, c_width) = c;
        let [a0, a1, a2, a3] = rows::<ROWS>(a, depth)?;
        for column in (0..across).map(|tile| tile * COLUMNS) {
            let (c, b_here) = (c.get_mut(column..)?, b.0.get(column * b.1..)?);
            let b = rows((b_here, b.1), depth)?;
            let a = a0.iter().zip(a1).zip(a2).zip(a3).map(|(((a0, a1), a2), a3)| [*a0, *a1, *a2, *a3]);
            add_products::<COLUMNS>((c, c_width), a.zip(columns(b, depth)))?;
        }
        Some(())
    }
}

/// The first `depth` values of some rows.
#[inline(always)]
pub fn rows<const COUNT: usize>((values, width): Matrix<'_>, depth: usize) -> Option<[&[f32]; COUNT]> {
    let mut rows = [[].as_slice(); COUNT];
    for (number, row) in rows.iter_mut().enumerate() {
        *row = values.get(number * width..)?.get(..depth)?;
    }
    Some(rows)
}

/// The first values of the rows of a tile.
#[inline(always)]
pub fn heads<const WIDTH: usize>((c, width): (&mut [f32], usize)) -> Option<[&mut [f32; WIDTH]; ROWS]> {
    let (c0, c) = c.split_at_mut_checked(width)?;
    let (c1, c) = c.split_at_mut_checked(width)?;
    let (c2, c3) = c.split_at_mut_checked(width)?;
    Some([c0.first_chunk_mut()?, c1.first_chunk_mut()?, c2.first_chunk_mut()?, c3.first_chunk_mut()?])
}

/// The columns of some rows.
#[inline(always)]
pub fn columns<const COUNT: usize>(rows: [&[f32]; COUNT], depth: usize) -> impl Iterator<Item = [f32; COUNT]> {
    (0..depth).map(move |p| rows.map(|row| value(row, p)))
}

/// `C += Σ a bᵀ`, a tile of it.
#[inline(always)]
fn add_products<const WIDTH: usize>(
    c: (&mut [f32], usize),
    steps: impl Iterator<Item = ([f32; ROWS], [f32; WIDTH])>,
) -> Option<()> {
    let c = heads(c)?;
    let mut sums = c.each_ref().map(|c| **c);
    for (a, b) in steps {
        add_step(&mut sums, &a, &b);
    }
    store(c, sums);
    Some(())
}

/// The same for two tiles, one below the other.
#[inline(always)]
fn add_products_to_pair<const WIDTH: usize>(
    (c, c_width): (&mut [f32], usize),
    steps: impl Iterator<Item = ([[f32; ROWS]; 2], [f32; WIDTH])>,
) -> Option<()> {
    let (upper, lower) = c.split_at_mut_checked(ROWS * c_width)?;
    let (upper, lower) = (heads((upper, c_width))?, heads((lower, c_width))?);
    let (mut sums, mut sums_below) = (upper.each_ref().map(|c| **c), lower.each_ref().map(|c| **c));
    for ([a, a_below], b) in steps {
        add_step(&mut sums, &a, &b);
        add_step(&mut sums_below, &a_below, &b);
    }
    store(upper, sums);
    store(lower, sums_below);
    Some(())
}

#[inline(always)]
fn store<const WIDTH: usize>(c: [&mut [f32; WIDTH]; ROWS], sums: [[f32; WIDTH]; ROWS]) {
    for (c, sums) in c.into_iter().zip(sums) {
        *c = sums;
    }
}

/// `sums += a bᵀ`
#[inline(always)]
fn add_step<const WIDTH: usize>(sums: &mut [[f32; WIDTH]; ROWS], a: &[f32; ROWS], b: &[f32; WIDTH]) {
    for (sums, a) in sums.iter_mut().zip(a) {
        add(sums, &b.map(|b| a * b));
    }
}

/// The products are there before the first of the sums, none of which then waits for its own.
#[inline(always)]
pub fn add<const COUNT: usize>(sums: &mut [f32; COUNT], products: &[f32; COUNT]) {
    for (sum, product) in sums.iter_mut().zip(products) {
        *sum += product;
    }
}
