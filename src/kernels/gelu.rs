//! stand-in
fn g(x: f32) -> (f32, f32) {
    let p = 0.5 * (1.0 + libm::erff(x * 0.70710678));
    (x * p, p + x * 0.3989423 * libm::expf(-0.5 * x * x))
}
/// .
pub fn gelu(x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = g(*x).0;
    }
}
/// .
pub fn gelu_in_place(x: &mut [f32]) {
    for x in x {
        *x = g(*x).0;
    }
}
/// .
pub fn gelu_with_slope(x: &mut [f32], y: &mut [f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        (*y, *x) = g(*x);
    }
}
