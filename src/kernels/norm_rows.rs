//! Normalisation of rows to mean 0 and variance 1, and its gradient, for rows of any width.

use super::arch::HAS_VECTORS;
use super::arch::multiversion::multiversion;
use super::rows::{dot, rows, rows_mut, sum};
use super::rsqrt::rsqrt;

/// Replaces each row of `x`, `width` long, by x̂ = (x - mean) / √(variance + epsilon) with the biased variance; `rstd` gets
/// the factors 1 / √(variance + epsilon), one per row.
#[inline(always)]
pub fn normalize(x: &mut [f32], rstd: &mut [f32], width: usize, epsilon: f32) {
    debug_assert!(x.len() <= rstd.len() * width, "a row without its factor");
    match width {
        12 if OWN => return normalize_chunks::<12>(x, rstd, epsilon),
        16 if OWN => return normalize_chunks::<16>(x, rstd, epsilon),
        _ => (),
    }
    let share = 1.0 / width as f32;
    for (row, rstd) in rows_mut(x, width).zip(rstd) {
        let mean = mean(row, share);
        row.iter_mut().for_each(|x| *x -= mean);
        *rstd = scale(row, share, epsilon);
    }
}

/// The same for rows of `x` whose x̂ goes to `normalized`.
#[inline(always)]
pub fn normalize_into(normalized: &mut [f32], rstd: &mut [f32], x: &[f32], width: usize, epsilon: f32) {
    debug_assert!(normalized.len() == x.len() && x.len() <= rstd.len() * width);
    match width {
        12 if OWN => return normalize_chunks_into::<12>(normalized, rstd, x, epsilon),
        16 if OWN => return normalize_chunks_into::<16>(normalized, rstd, x, epsilon),
        _ => (),
    }
    let share = 1.0 / width as f32;
    for ((x, row), rstd) in rows(x, width).zip(rows_mut(normalized, width)).zip(rstd) {
        *rstd = normalize_row(x, row, share, epsilon);
    }
}

/// x̂ of a row without its mean; returns its factor. Two passes: the difference of mean squares would cancel in f32.
#[inline(always)]
fn scale(row: &mut [f32], share: f32, epsilon: f32) -> f32 {
    let factor = rsqrt(dot(row, row) * share + epsilon);
    row.iter_mut().for_each(|x| *x *= factor);
    factor
}

/// The mean of a row: of equal values, the value itself. Their sum and its product with 1 / width round, by units in the last
/// place of a value; the deviation would be as small, and x̂ anything up to ±1 instead of 0.
#[inline(always)]
fn mean(row: &[f32], share: f32) -> f32 {
    match row {
        [first, second, ..] if first.to_bits() == second.to_bits() && is_constant(row) => *first,
        _ => sum(row) * share,
    }
}

/// Out of line: rows that begin with two equal values are rare.
#[cold]
#[inline(never)]
fn is_constant(row: &[f32]) -> bool {
    row.windows(2).all(|pair| matches!(pair, [a, b] if a.to_bits() == b.to_bits()))
}

/// Writes x̂ of a row; returns its factor.
#[inline(always)]
fn normalize_row(x: &[f32], normalized: &mut [f32], share: f32, epsilon: f32) -> f32 {
    let mean = mean(x, share);
    normalized.iter_mut().zip(x).for_each(|(normalized, x)| *normalized = x - mean);
    scale(normalized, share, epsilon)
}

/// The gradient of a row.
#[inline(always)]
fn normalize_row_backward(gradient: &mut [f32], normalized: &[f32], rstd: f32, share: f32) {
    let mean = sum(gradient) * share;
    let slope = dot(gradient, normalized) * share;
    for (g, x) in gradient.iter_mut().zip(normalized) {
        *g = rstd * (*g - mean - x * slope);
    }
}

/// Whether rows of 12 and of 16 values, which the networks have, have functions of their own: from a loop over a row
/// of any length, compilers make vectors of 32 values, or they gather the values of eight rows.
const OWN: bool = HAS_VECTORS;

/// [`normalize`] for rows of one width.
fn normalize_chunks<const WIDTH: usize>(x: &mut [f32], rstd: &mut [f32], epsilon: f32) {
    for (row, rstd) in x.as_chunks_mut().0.iter_mut().zip(rstd) {
        let x = *row;
        *rstd = normalize_row_of::<WIDTH>(&x, row, epsilon);
    }
}

/// [`normalize_into`] for rows of one width.
fn normalize_chunks_into<const WIDTH: usize>(normalized: &mut [f32], rstd: &mut [f32], x: &[f32], epsilon: f32) {
    for ((x, row), rstd) in x.as_chunks().0.iter().zip(normalized.as_chunks_mut().0).zip(rstd) {
        *rstd = normalize_row_of::<WIDTH>(x, row, epsilon);
    }
}

multiversion! {
    /// Out of line, so that no loop is around it.
    #[inline(never)]
    fn normalize_row_of [WIDTH: usize](x: &[f32; WIDTH], normalized: &mut [f32; WIDTH], epsilon: f32) -> f32 {
        normalize_row(x, normalized, 1.0 / WIDTH as f32, epsilon)
    }
}

/// [`normalize_backward`] for rows of one width.
fn normalize_chunks_backward<const WIDTH: usize>(gradient: &mut [f32], normalized: &[f32], rstd: &[f32]) {
    for ((gradient, normalized), rstd) in gradient.as_chunks_mut().0.iter_mut().zip(normalized.as_chunks().0).zip(rstd)
    {
        normalize_row_of_backward::<WIDTH>(gradient, normalized, *rstd);
    }
}

multiversion! {
    /// Out of line, so that no loop is around it.
    #[inline(never)]
    fn normalize_row_of_backward [WIDTH: usize](gradient: &mut [f32; WIDTH], normalized: &[f32; WIDTH], rstd: f32) {
        normalize_row_backward(gradient, normalized, rstd, 1.0 / WIDTH as f32);
    }
}

/// Replaces `gradient` with respect to x̂ by the gradient with respect to x, row by row:
/// rstd (g - mean(g) - x̂ mean(g x̂)).
#[inline(always)]
pub fn normalize_backward(gradient: &mut [f32], normalized: &[f32], rstd: &[f32], width: usize) {
    debug_assert!(normalized.len() == gradient.len() && gradient.len() <= rstd.len() * width);
    match width {
        12 if OWN => return normalize_chunks_backward::<12>(gradient, normalized, rstd),
        16 if OWN => return normalize_chunks_backward::<16>(gradient, normalized, rstd),
        _ => (),
    }
    let share = 1.0 / width as f32;
    for ((gradient, normalized), rstd) in rows_mut(gradient, width).zip(rows(normalized, width)).zip(rstd) {
        normalize_row_backward(gradient, normalized, *rstd, share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    const EPSILON: f32 = 1e-5;

    /// Three rows of `width`, the second of them constant, both in place and into another buffer.
    fn second_of_three(width: usize, constant: f32) -> [vec::Vec<f32>; 2] {
        let mut x: vec::Vec<f32> = (0..3 * width).map(|i| libm::sinf(i as f32)).collect();
        x[width..2 * width].fill(constant);
        let (mut into, mut rstd) = (vec![0.0; 3 * width], [[0.0; 3]; 2]);
        normalize_into(&mut into, &mut rstd[0], &x, width, EPSILON);
        normalize(&mut x, &mut rstd[1], width, EPSILON);
        assert!(!constant.is_finite() || rstd.iter().all(|rstd| rstd[1] == rsqrt(EPSILON)), "{width}: {rstd:?}");
        [x, into].map(|x| x[width..2 * width].to_vec())
    }

    #[test]
    fn a_row_of_equal_values_becomes_0() {
        for width in 1..=65 {
            for constant in [0.0, -0.0, 1.0, -0.1, 1e5, 99_999.99, 1e-30, 1e-44, -3.3e20, 5e36, f32::MAX] {
                for x in second_of_three(width, constant) {
                    assert!(x.iter().all(|x| *x == 0.0), "{width}, {constant}: {x:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_no_constant() {
        for constant in [f32::INFINITY, f32::NAN] {
            for x in second_of_three(7, constant) {
                assert!(x.iter().all(|x| x.is_nan()), "{x:?}");
            }
        }
    }

    #[test]
    fn a_row_that_only_begins_with_equal_values_has_its_mean() {
        assert_eq!(mean(&[0.3, 0.3, 0.3, -0.1], 0.25), ((0.3 + 0.3) + (0.3 - 0.1)) * 0.25);
        assert_eq!(mean(&[0.0, -0.0, 0.0], 1.0 / 3.0), 0.0);
    }
}
