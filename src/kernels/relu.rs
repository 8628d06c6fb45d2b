//! The rectifier, max(x, 0).

/// `y[i] = max(x[i], 0)`; the shorter slice decides how many. NaN stays NaN.
#[inline(never)]
pub fn relu(x: &[f32], y: &mut [f32]) {
    for (&x, y) in x.iter().zip(y) {
        *y = value(x);
    }
}

/// `x[i] = max(x[i], 0)`.
#[inline(never)]
pub fn relu_in_place(x: &mut [f32]) {
    for x in x {
        *x = value(*x);
    }
}

/// `dy[i]` stays where `x[i]` is above 0 and becomes 0 elsewhere, at 0 as PyTorch has it; `x[i] = max(x[i], 0)`. The shorter
/// slice decides how many.
#[inline(never)]
pub fn relu_backward(x: &mut [f32], dy: &mut [f32]) {
    for (x, dy) in x.iter_mut().zip(dy) {
        *dy *= if *x > 0.0 { 1.0 } else { 0.0 };
        *x = value(*x);
    }
}

/// The comparison is the one that NaN fails; `f32::max` would swallow it.
#[inline(always)]
fn value(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_is_cut_and_the_slope_is_a_step() {
        let mut x = [-2.0, -1e-30, 0.0, 1e-30, 3.0];
        let mut y = [f32::NAN; 5];
        relu(&x, &mut y);
        assert_eq!(y, [0.0, 0.0, 0.0, 1e-30, 3.0]);
        let mut dy = [5.0; 5];
        relu_backward(&mut x, &mut dy);
        assert_eq!((x, dy), (y, [0.0, 0.0, 0.0, 5.0, 5.0]));
    }

    #[test]
    fn nan_stays() {
        let mut x = [-1.0, f32::NAN];
        relu_in_place(&mut x);
        assert!(x[0] == 0.0 && x[1].is_nan());
    }
}
