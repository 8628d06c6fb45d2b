//! The rows of a row-major matrix, and parts of them.

use core::{iter, mem};

use super::cut;

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

/// Copies columns of `x`, whose rows are `width` long, from number `first` on, into `part`, whose rows are `count` long.
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
    let (a, a_rest) = cut::first(a, length).as_chunks::<4>();
    let (b, b_rest) = cut::first(b, length).as_chunks::<4>();
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

/// `y = x + factor y`
#[inline(never)]
pub fn scale_and_add(y: &mut [f32], x: &[f32], factor: f32) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = x + factor * *y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
