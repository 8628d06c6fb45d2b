//! Maxima of neighbouring rows.

use super::arch::copy;

/// `y[n][c]` is the largest of `x[n - 1][c]`, `x[n][c]` and `x[n + 1][c]`, where these rows exist. Rows are `width` long.
/// Of equal values it is the first, and NaN if one of them is.
#[inline(never)]
pub fn max_of_three(y: &mut [f32], x: &[f32], width: usize) {
    debug_assert_eq!(y.len(), x.len());
    copy(y, x);
    for (y, x) in y.iter_mut().zip(x.iter().skip(width)) {
        *y = larger(*y, *x);
    }
    for (y, x) in y.iter_mut().skip(width).zip(x) {
        *y = larger(*x, *y);
    }
}

/// `f32::max` may give either zero for 0 and -0, and loses NaN.
fn larger(first: f32, second: f32) -> f32 {
    if second > first || second.is_nan() { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maximum_reaches_its_neighbours_and_nothing_stands_outside() {
        let x = [-3.0, 1.0, -5.0, 4.0, -4.0, 0.0, -6.0, -1.0, -2.0, -0.0];
        let mut y = [f32::NAN; 10];
        max_of_three(&mut y, &x, 2);
        assert_eq!(y, [-3.0, 4.0, -3.0, 4.0, -4.0, 4.0, -2.0, 0.0, -2.0, -0.0]);
        max_of_three(&mut y[..2], &x[..2], 2);
        assert_eq!(y[..2], x[..2]);
        let mut zeros = [1.0; 2];
        max_of_three(&mut zeros, &[-0.0, 0.0], 1);
        assert_eq!(zeros.map(f32::to_bits), [(-0.0f32).to_bits(); 2]);
    }

    #[test]
    fn no_number_reaches_its_neighbours_wherever_it_stands() {
        for place in 0..5 {
            let (mut x, mut y) = ([1.0, -2.0, 3.0, f32::INFINITY, 0.0], [0.0; 5]);
            x[place] = f32::NAN;
            max_of_three(&mut y, &x, 1);
            for (n, y) in y.iter().enumerate() {
                assert_eq!(y.is_nan(), n.abs_diff(place) < 2, "{n}, {place}: {y}");
            }
        }
    }
}
