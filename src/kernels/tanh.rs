//! Hyperbolic tangent.

use libm::tanhf;

/// `y[i] = tanh(x[i])`; the shorter slice decides how many.
pub fn tanh(x: &[f32], y: &mut [f32]) {
    for (&x, y) in x.iter().zip(y) {
        *y = tanhf(x);
    }
}

/// `x[i] = tanh(x[i])`.
pub fn tanh_in_place(x: &mut [f32]) {
    for x in x {
        *x = tanhf(*x);
    }
}

/// `dy[i] *= 1 - tanh²(x[i])`, the derivative there, and `x[i] = tanh(x[i])`. The shorter slice decides how many.
pub fn tanh_backward(x: &mut [f32], dy: &mut [f32]) {
    for (x, dy) in x.iter_mut().zip(dy) {
        *x = tanhf(*x);
        *dy *= 1.0 - *x * *x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_and_slopes() {
        let mut x = [0.0, 0.5, -0.5, 30.0, -30.0];
        let expected = [0.0, 0.462_117_16, -0.462_117_16, 1.0, -1.0];
        let slopes = [1.0, 0.786_447_7, 0.786_447_7, 0.0, 0.0];
        let (mut y, mut z, mut dy) = ([f32::NAN; 5], x, [1.0; 5]);
        tanh(&x, &mut y);
        tanh_in_place(&mut z);
        assert_eq!(y, z);
        tanh_backward(&mut x, &mut dy);
        assert_eq!(y, x);
        for (value, expected) in y.iter().zip(expected).chain(dy.iter().zip(slopes)) {
            assert!((value - expected).abs() <= 1.2e-7, "{value} {expected}");
        }
    }

    #[test]
    fn slope_is_the_central_difference() {
        for i in -30..=30 {
            let x = i as f32 / 10.0;
            let difference = (libm::tanh(f64::from(x) + 1e-5) - libm::tanh(f64::from(x) - 1e-5)) / 2e-5;
            let mut dy = [2.0];
            tanh_backward(&mut [x], &mut dy);
            assert!((f64::from(dy[0]) - 2.0 * difference).abs() < 6e-7, "{x}");
        }
    }
}
