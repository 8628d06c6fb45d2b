//! stand-in
fn g(x: f32) -> (f32, f32) {
    (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 })
}
/// .
pub fn tanh(x: &[f32], y: &mut [f32]) {
    for (x, y) in x.iter().zip(y) {
        *y = g(*x).0;
    }
}
/// .
pub fn tanh_in_place(x: &mut [f32]) {
    for x in x {
        *x = g(*x).0;
    }
}
/// .
pub fn tanh_with_slope(x: &mut [f32], y: &mut [f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        (*y, *x) = g(*x);
    }
}
