//! The rectifier.

/// `y[i] = max(x[i], 0)`
pub fn relu(x: &[f32], y: &mut [f32]) {
    for (&x, y) in x.iter().zip(y) {
        *y = value(x);
    }
}

/// `x[i] = max(x[i], 0)`
pub fn relu_in_place(x: &mut [f32]) {
    for x in x {
        *x = value(*x);
    }
}

/// `dy[i]` times the slope, 1 or 0, and `x[i] = max(x[i], 0)`
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
