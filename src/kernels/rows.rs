//! Sums and copies over the rows and columns of a row-major matrix: what a linear layer does beside its product.

use core::{iter, mem};

use super::UNROLLED;

/// The rows of a matrix, each `width` long. Unlike `chunks_exact` it never divides, which takes time without a divider and
/// brings a panic wherever a compiler does not see that the width is not 0.
pub fn rows(mut x: &[f32], width: usize) -> impl Iterator<Item = &[f32]> {
    let width = width.max(1);
    iter::from_fn(move || {
        let (row, rest) = x.split_at_checked(width)?;
        x = rest;
        Some(row)
    })
}

/// The same for rows that are changed.
pub fn rows_mut(mut x: &mut [f32], width: usize) -> impl Iterator<Item = &mut [f32]> {
    let width = width.max(1);
    iter::from_fn(move || {
        let (row, rest) = mem::take(&mut x).split_at_mut_checked(width)?;
        x = rest;
        Some(row)
    })
}

/// As many values side by side fill a register of any desktop; rows are too short for the wider ones.
pub const LANES: usize = if UNROLLED { 4 } else { 1 };

/// Every row of `y` becomes `bias`.
#[inline(never)]
pub fn fill_with_row(y: &mut [f32], bias: &[f32]) {
    for row in rows_mut(y, bias.len()) {
        copy(row, bias);
    }
}

/// Row number `r` of `y` becomes `bias[r]` throughout; rows are `width` long.
#[inline(never)]
pub fn fill_with_column(y: &mut [f32], bias: &[f32], width: usize) {
    for (row, b) in rows_mut(y, width).zip(bias) {
        fill(row, *b);
    }
}

/// `y = value`
pub fn fill(y: &mut [f32], value: f32) {
    let (chunks, rest) = y.as_chunks_mut();
    chunks.fill([value; LANES]);
    rest.fill(value);
}

/// `y = x`; the shorter slice decides how many.
pub fn copy(y: &mut [f32], x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = *x;
    }
}

/// `sums[c] += Σ_r x[r][c]`
#[inline(never)]
pub fn add_column_sums(sums: &mut [f32], x: &[f32]) {
    let width = sums.len();
    let (strips, rest) = side_by_side(sums);
    let mut first = 0;
    for strip in strips {
        let mut sums = *strip;
        for x in x.get(first..).unwrap_or_default().chunks(width.max(1)) {
            let Some(x) = x.first_chunk::<SIDE_BY_SIDE>() else { break };
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
        }
        *strip = sums;
        first += SIDE_BY_SIDE;
    }
    for x in x.chunks_exact(width.max(1)) {
        rest.iter_mut().zip(x.iter().skip(first)).for_each(|(sum, x)| *sum += x);
    }
}

/// `sums[r] += Σ_c x[r][c]`, one value after the other; rows are `width` long.
#[inline(never)]
pub fn add_row_sums(sums: &mut [f32], x: &[f32], width: usize) {
    let mut rows = rows(x, width);
    let (strips, rest) = side_by_side(sums);
    for strip in strips {
        let (Some(x0), Some(x1), Some(x2), Some(x3)) = (rows.next(), rows.next(), rows.next(), rows.next()) else {
            return;
        };
        let mut sums = *strip;
        for (((x0, x1), x2), x3) in x0.iter().zip(x1).zip(x2).zip(x3) {
            sums.iter_mut().zip([x0, x1, x2, x3]).for_each(|(sum, x)| *sum += x);
        }
        *strip = sums;
    }
    for (sum, x) in rest.iter_mut().zip(rows) {
        *sum = x.iter().fold(*sum, |sum, x| sum + x);
    }
}

/// Sums that are held in registers, none of which waits for another.
const SIDE_BY_SIDE: usize = 4;

/// The sums that are held in registers together, and the rest: all of them where short code comes first.
fn side_by_side(sums: &mut [f32]) -> (&mut [[f32; SIDE_BY_SIDE]], &mut [f32]) {
    if UNROLLED { sums.as_chunks_mut() } else { (&mut [], sums) }
}

/// Copies columns of `x`, whose rows are `width` long, from number `first` on: as many as `part` has room for, whose rows
/// are `count` long.
#[inline(never)]
pub fn gather_columns(part: &mut [f32], count: usize, x: &[f32], width: usize, first: usize) {
    for (part, row) in part.chunks_exact_mut(count.max(1)).zip(x.chunks_exact(width.max(1))) {
        for (part, x) in part.iter_mut().zip(row.iter().skip(first)) {
            *part = *x;
        }
    }
}

/// Puts columns back where [`gather_columns`] took them from.
#[inline(never)]
pub fn scatter_columns(part: &[f32], count: usize, x: &mut [f32], width: usize, first: usize) {
    for (part, row) in part.chunks_exact(count.max(1)).zip(x.chunks_exact_mut(width.max(1))) {
        for (part, x) in part.iter().zip(row.iter_mut().skip(first)) {
            *x = *part;
        }
    }
}

/// The sum of a row in four interleaved partial sums, which a processor adds side by side; the rest one by one.
#[inline]
pub fn sum(row: &[f32]) -> f32 {
    sum_of(row, row, |x, _| x)
}

/// The inner product of two rows, in the order of [`sum`]; the shorter row decides.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum_of(a, b, |a, b| a * b)
}

#[inline(always)]
fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    // Cut to one length, or the rests would not be of the same places.
    let length = a.len().min(b.len());
    let (Some(a), Some(b)) = (a.get(..length), b.get(..length)) else { return 0.0 };
    let (a, a_rest) = a.as_chunks::<4>();
    let (b, b_rest) = b.as_chunks::<4>();
    let mut partial = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for ((p, a), b) in partial.iter_mut().zip(a).zip(b) {
            *p += term(*a, *b);
        }
    }
    let [p0, p1, p2, p3] = partial;
    let rest = a_rest.iter().zip(b_rest);
    rest.fold((p0 + p1) + (p2 + p3), |sum, (a, b)| sum + term(*a, *b))
}

/// `y = factor x`
#[inline(never)]
pub fn scaled(y: &mut [f32], x: &[f32], factor: f32) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = factor * x;
    }
}

/// `y = x + factor y`
#[inline(never)]
pub fn scale_and_add(y: &mut [f32], x: &[f32], factor: f32) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = x + factor * *y;
    }
}

/// `y += factor x`
#[inline(never)]
pub fn add_scaled(y: &mut [f32], x: &[f32], factor: f32) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// `C[r] += a[r] b`; the rows of `C` are as long as `b`.
pub fn add_outer(c: &mut [f32], a: &[f32], b: &[f32]) {
    for (c, a) in c.chunks_exact_mut(b.len().max(1)).zip(a) {
        add_scaled(c, b, *a);
    }
}

/// `lanes[i] += Σ_r rows[r][i]²`
#[inline(always)]
pub fn add_squares(lanes: &mut [f32; 8], rows: &[[f32; 8]]) {
    for row in rows {
        for (lane, value) in lanes.iter_mut().zip(row) {
            *lane += value * value;
        }
    }
}

/// `y *= x`, value by value.
#[inline(never)]
pub fn multiply(y: &mut [f32], x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y *= x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_run_over_the_right_axis() {
        let x = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
        let (mut columns, mut rows) = ([1.0; 3], [1.0; 2]);
        add_column_sums(&mut columns, &x);
        add_row_sums(&mut rows, &x, 3);
        assert_eq!((columns, rows), ([12.0, 23.0, 34.0], [7.0, 61.0]));
        let mut y = [0.0; 6];
        fill_with_row(&mut y, &[1.0, 2.0, 3.0]);
        assert_eq!(y, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
        fill_with_column(&mut y, &[1.0, 2.0], 3);
        assert_eq!(y, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn sums_may_be_added_up_stretch_by_stretch() {
        let x: [f32; 35] = core::array::from_fn(|i| libm::sinf(i as f32) * 1e3);
        let (mut whole, mut parts, mut part) = ([0.5; 5], [0.5; 5], [0.0; 15]);
        add_row_sums(&mut whole, &x, 7);
        for (first, count) in [(0, 3), (3, 3), (6, 1)] {
            let part = &mut part[..5 * count];
            gather_columns(part, count, &x, 7, first);
            add_row_sums(&mut parts, part, count);
        }
        assert_eq!(whole, parts);
    }

    #[test]
    fn columns_come_back_to_where_they_were() {
        let x = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
        let (mut part, mut y) = ([0.0; 4], [0.0; 6]);
        gather_columns(&mut part, 2, &x, 3, 1);
        assert_eq!(part, [2.0, 3.0, 20.0, 30.0]);
        scatter_columns(&part, 2, &mut y, 3, 1);
        assert_eq!(y, [0.0, 2.0, 3.0, 0.0, 20.0, 30.0]);
    }

    #[test]
    fn a_sum_of_any_length_has_all_its_terms() {
        let x: [f32; 9] = core::array::from_fn(|i| (i + 1) as f32);
        for length in 0..=9 {
            assert_eq!(sum(&x[..length]), (length * (length + 1) / 2) as f32);
            assert_eq!(dot(&x[..length], &x), x[..length].iter().map(|x| x * x).sum::<f32>());
        }
    }
}
