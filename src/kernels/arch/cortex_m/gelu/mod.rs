//! GELU and its derivative: the same operations as in `kernels::gelu`, which explains them.

#[macro_use]
mod magnitude;
mod slopes;
mod values;

use slopes::{values_and_gradients, values_and_slopes};
use values::values;

/// Values of GELU that are computed side by side.
pub const LANES: usize = 4;

/// The end of the tail; coefficients of the polynomial, the highest power first, of the squarings and of the last root;
/// coefficients of S/Q - 1.
type Coefficients = [f32; 16];

/// `y[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu(x: &[[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    if count > 0 {
        // SAFETY: both have `count` chunks.
        unsafe { values(x.as_ptr(), y.as_mut_ptr(), count, coefficients) }
    }
}

/// `x[i] = GELU(x[i])`
pub fn gelu_in_place(x: &mut [[f32; LANES]], coefficients: &Coefficients) {
    if !x.is_empty() {
        let place = x.as_mut_ptr();
        // SAFETY: as above, and a value is read before it is written.
        unsafe { values(place, place, x.len(), coefficients) }
    }
}

/// `dy[i] *= GELU'(x[i])` and `x[i] = GELU(x[i])`; the shorter slice decides how many.
pub fn gelu_backward(x: &mut [[f32; LANES]], dy: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(dy.len());
    if count > 0 {
        // SAFETY: as above.
        unsafe { values_and_gradients(x.as_mut_ptr(), dy.as_mut_ptr(), count, coefficients) }
    }
}

/// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`; the shorter slice decides how many.
pub fn gelu_with_slope(x: &mut [[f32; LANES]], y: &mut [[f32; LANES]], coefficients: &Coefficients) {
    let count = x.len().min(y.len());
    if count > 0 {
        // SAFETY: as above.
        unsafe { values_and_slopes(x.as_mut_ptr(), y.as_mut_ptr(), count, coefficients) }
    }
}
