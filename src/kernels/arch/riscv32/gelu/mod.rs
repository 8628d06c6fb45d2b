//! GELU and its derivative: the same operations as in `kernels::gelu`, which explains them, on numbers that stay unpacked from one to the
//! next.

#[macro_use]
mod step;
mod chain;

use super::super::portable;
use crate::kernels::gelu::Coefficients;

pub use portable::LANES;

/// `y[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu(x: &[[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    // SAFETY: both have that many.
    unsafe { values(x.as_ptr().cast(), y.as_mut_ptr().cast(), count, coefficients) }
}

/// `x[i] = GELU(x[i])`
pub fn gelu_in_place(x: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let place = x.as_mut_ptr().cast();
    // SAFETY: as above, and a value is read before it is written.
    unsafe { values(place, place, x.len(), coefficients) }
}

/// `dy[i] *= GELU'(x[i])` and `x[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu_backward(x: &mut [[f32; LANES]], dy: &mut [[f32; LANES]], coefficients: &Coefficients) {
    for (x, dy) in x.chunks_mut(TOGETHER).zip(dy.chunks_mut(TOGETHER)) {
        let mut slopes = [[0.0; LANES]; TOGETHER];
        let count = x.len().min(dy.len());
        // SAFETY: all three have that many, and a value is read before it is written.
        unsafe {
            values_and_slopes(x.as_ptr().cast(), x.as_mut_ptr().cast(), slopes.as_mut_ptr().cast(), count, coefficients)
        }
        portable::multiply(dy.as_flattened_mut(), slopes.as_flattened());
    }
}

/// Slopes that are kept until gradients are multiplied by them.
const TOGETHER: usize = 8;

/// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`; the shorter slice decides how many.
pub fn gelu_with_slope(x: &mut [[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    // SAFETY: both have that many, and a value is read before it is written.
    unsafe { values_and_slopes(x.as_ptr().cast(), y.as_mut_ptr().cast(), x.as_mut_ptr().cast(), count, coefficients) }
}

/// # Safety
/// As many values are at both addresses, which may be one.
unsafe fn values(x: *const f32, y: *mut f32, count: usize, coefficients: &Coefficients) {
    let mut left = count;
    // SAFETY: as said above.
    unsafe {
        while left > 0 {
            left = chain::run(x.add(count - left), y.add(count - left), core::ptr::null_mut(), left);
            if left > 0 {
                let mut value = [[*x.add(count - left)]];
                portable::gelu_in_place(&mut value, coefficients);
                *y.add(count - left) = value[0][0];
                left -= 1;
            }
        }
    }
}

/// # Safety
/// As many values are at all three addresses; each of the last two may be the first.
unsafe fn values_and_slopes(x: *const f32, y: *mut f32, slopes: *mut f32, count: usize, coefficients: &Coefficients) {
    let mut left = count;
    // SAFETY: as said above.
    unsafe {
        while left > 0 {
            left = chain::run(x.add(count - left), y.add(count - left), slopes.add(count - left), left);
            if left > 0 {
                let (mut value, mut slope) = ([[0.0]], [[*x.add(count - left)]]);
                portable::gelu_with_slope(&mut slope, &mut value, coefficients);
                *y.add(count - left) = value[0][0];
                *slopes.add(count - left) = slope[0][0];
                left -= 1;
            }
        }
    }
}
