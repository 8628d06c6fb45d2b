//! Single rows of `C += A B`, with several values side by side. `None` means that a factor is shorter than the sizes say.

use core::array;

use super::rows::heads_of_rows;
use super::tile::{COLUMNS, add, columns, rows};
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::matrix::Matrix;

/// One row of `C += A B`: `c += Σ_p a_p b[p]`, with the first column of `A`.
pub fn combine(c: &mut [f32], a: Matrix, (b, width): Matrix, depth: usize) -> Option<()> {
    let (strips, rest) = c.as_chunks_mut::<STRIP>();
    let column = strips.len() * STRIP;
    combine_strips(strips, a, (b, width), depth)?;
    if rest.is_empty() {
        return Some(());
    }
    let b = b.get(column..)?;
    // A strip that reaches beyond the row, into the next one, while there is one that long.
    let mut strip = [0.0; STRIP];
    strip.iter_mut().zip(&*rest).for_each(|(value, c)| *value = *c);
    let whole = b.len().checked_sub(STRIP).map_or(0, |before| depth.min(before / width.max(1) + 1));
    combine_strips(array::from_mut(&mut strip), a, (b, width), whole)?;
    for (row, a) in a.0.chunks(a.1.max(1)).enumerate().take(depth).skip(whole) {
        let a = a.first()?;
        for (value, b) in strip.iter_mut().zip(b.get(row * width..)?) {
            *value += a * b;
        }
    }
    rest.iter_mut().zip(strip).for_each(|(c, value)| *c = value);
    Some(())
}

/// One row of `C += A Bᵀ`: `c[j] += Σ_p a[p] b[j][p]`.
pub fn dots(c: &mut [f32], a: &[f32], (b, width): Matrix) -> Option<()> {
    let n = c.len();
    let last = c.last_chunk::<COLUMNS>().copied();
    let (strips, rest) = c.as_chunks_mut();
    dots_of_strips(strips, a, (b, width))?;
    if let Some(mut strip) = last.filter(|_| !rest.is_empty()) {
        // Reaches back into the strip before: only its new values are stored.
        dots_of_strips(array::from_mut(&mut strip), a, (b.get((n - COLUMNS) * width..)?, width))?;
        rest.iter_mut().rev().zip(strip.iter().rev()).for_each(|(c, value)| *c = *value);
    } else {
        for (c, row) in rest.iter_mut().zip(0..) {
            let b = b.get(row * width..)?;
            *c = a.iter().zip(b).fold(*c, |sum, (a, b)| sum + a * b);
        }
    }
    Some(())
}

/// Values that [`combine_strips`] is given at a time.
pub const STRIP: usize = 8;

multiversion! {
    /// `y += Σ_p factor_p x[p]` with the rows of `x`, for some values of `y` side by side; the factors are the first column of
    /// a matrix. A strip may reach beyond a row of `x`, into the next one.
    #[inline(never)]
    pub fn combine_strips(y: &mut [[f32; STRIP]], factors: Matrix, x: Matrix, depth: usize) -> Option<()> {
        let (wide, rest) = y.as_flattened_mut().as_chunks_mut::<{ 2 * STRIP }>();
        let column = wide.len() * 2 * STRIP;
        for (y, first) in wide.iter_mut().zip((0..).step_by(2 * STRIP)) {
            combine_strip(y, factors, (x.0.get(first..)?, x.1), depth);
        }
        if let Some(y) = rest.first_chunk_mut::<STRIP>() {
            combine_strip(y, factors, (x.0.get(column..)?, x.1), depth);
        }
        Some(())
    }
}

/// One or more strips as one.
#[inline(always)]
fn combine_strip<const COUNT: usize>(y: &mut [f32; COUNT], factors: Matrix, x: Matrix, depth: usize) {
    let mut sums = *y;
    for ([factor], x) in heads_of_rows(factors).zip(heads_of_rows::<COUNT>(x)).take(depth) {
        for (sums, x) in sums.as_chunks_mut::<STRIP>().0.iter_mut().zip(x.as_chunks().0) {
            add(sums, &x.map(|x| factor * x));
        }
    }
    *y = sums;
}

multiversion! {
    /// `y[r] += Σ_p x[r][p] factors[p]`: none of the sums waits for another.
    #[inline(never)]
    fn dots_of_strips(y: &mut [[f32; COLUMNS]], factors: &[f32], x: Matrix) -> Option<()> {
        let depth = factors.len();
        for (y, first) in y.iter_mut().zip((0..).step_by(COLUMNS)) {
            let x = rows::<COLUMNS>((x.0.get(first * x.1..)?, x.1), depth)?;
            for (x, factor) in columns(x, depth).zip(factors) {
                add(y, &x.map(|x| x * factor));
            }
        }
        Some(())
    }
}
