//! Numbers as heights in bins: the piecewise-linear encoding of a column, and products with it.

use super::rows::{rows, rows_mut};

/// √3: a uniform number with mean 0 and deviation 1 lies between minus this and this. The bins share that range.
pub const REACH: f32 = 1.732_050_8;

/// How far `x` has passed through each of `bins` bins of the same width between `-REACH` and `REACH`: 1 for a bin below it, the
/// share for its own, 0 for one above it, where the sequence ends. Beyond its ends the first and the last bin go on. NaN stays NaN.
#[inline(always)]
fn heights(x: f32, bins: usize) -> impl Iterator<Item = f32> {
    let position = (x + REACH) * (bins as f32 / (2.0 * REACH));
    let last = bins.saturating_sub(1);
    (0..bins)
        .map(move |bin| (bin, position - bin as f32))
        .take_while(|(bin, height)| !(*bin > 0 && *height <= 0.0))
        .map(move |(bin, height)| if bin < last && height > 1.0 { 1.0 } else { height })
}

/// `y[column][value] = bias[column][value] + Σ weight[column][bin][value] height[bin]`, in the order of the bins, with `bins` bins
/// and `width` values for each column of `x`.
#[inline(never)]
pub fn embed(y: &mut [f32], x: &[f32], weight: &[f32], bias: &[f32], [bins, width]: [usize; 2]) {
    let parameters = rows(weight, bins * width).zip(rows(bias, width));
    for ((y, x), (weight, bias)) in rows_mut(y, width).zip(x).zip(parameters) {
        for (y, bias) in y.iter_mut().zip(bias) {
            *y = *bias;
        }
        for (height, weight) in heights(*x, bins).zip(rows(weight, width)) {
            for (y, weight) in y.iter_mut().zip(weight) {
                *y += height * weight;
            }
        }
    }
}

/// Adds to the gradients of `weight` and `bias` of [`embed`] from its input and the gradient `dy` of its output.
#[inline(never)]
pub fn add_gradient(weight: &mut [f32], bias: &mut [f32], x: &[f32], dy: &[f32], [bins, width]: [usize; 2]) {
    let parameters = rows_mut(weight, bins * width).zip(rows_mut(bias, width));
    for ((dy, x), (weight, bias)) in rows(dy, width).zip(x).zip(parameters) {
        for (bias, dy) in bias.iter_mut().zip(dy) {
            *bias += dy;
        }
        for (height, weight) in heights(*x, bins).zip(rows_mut(weight, width)) {
            for (weight, dy) in weight.iter_mut().zip(dy) {
                *weight += height * dy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Of four bins, for a share of the reach.
    fn check(x: f32, expected: &[f32]) {
        let got: Vec<_> = heights(x * REACH, 4).collect();
        let near = got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-6);
        assert!(near && got.len() == expected.len(), "{x}: {got:?}");
    }

    #[test]
    fn a_number_fills_the_bins_below_it() {
        check(-1.0, &[0.0]);
        check(-0.75, &[0.5]);
        check(0.25, &[1.0, 1.0, 0.5]);
        check(1.0, &[1.0; 4]);
    }

    #[test]
    fn the_outer_bins_go_on_and_nan_stays() {
        check(-1.5, &[-1.0]);
        check(2.0, &[1.0, 1.0, 1.0, 3.0]);
        assert!(heights(f32::NAN, 4).all(|height| height.is_nan()));
        assert_eq!(heights(f32::NEG_INFINITY, 4).last(), Some(f32::NEG_INFINITY));
    }

    #[test]
    fn a_single_bin_is_a_line() {
        for x in [-3.0, -1.0, 0.0, 2.5] {
            let mut y = [0.0];
            embed(&mut y, &[x], &[2.0 * REACH], &[-REACH], [1, 1]);
            assert!((y[0] - x).abs() < 1e-6, "{x}: {}", y[0]);
        }
    }
}
