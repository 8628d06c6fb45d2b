//! Linear layers whose matrix is in bytes: tiles of two vectors and two outputs, which take four of their products in two
//! instructions.

/// Tells the assembler of the instructions on halves of a register. Compilers for ARMv8-M leave them out unless they are told of the
/// processor, but those with a floating-point unit have them. This processor has all that there is of ARMv7E-M as well, so nothing that
/// comes after is refused.
macro_rules! dsp {
    () => {
        ".cpu cortex-m33"
    };
}

mod fours;
mod largest;
mod pack;
mod pairs;

pub use largest::largest_exponent;

use fours::add_fours;
use pack::pack;
use pairs::{add_products, add_rows};

use super::plan::bytes;
use crate::kernels::int8::{Layer, MIN_INPUTS, Steps, Unit, room};

/// `y = W x + b` for this many vectors, two of which `scratch` holds in units at a time.
pub fn linear_int8(
    (y, y_steps): (&mut [f32], Steps),
    (x, x_steps): (&[f32], Steps),
    vectors: usize,
    unit: Unit,
    layer: Layer,
    scratch: &mut [f32],
) {
    let Layer { inputs, weight, affine } = layer;
    let outputs = affine.len();
    let reach = lie_in(x.len(), x_steps, vectors, inputs) && lie_in(y.len(), y_steps, vectors, outputs);
    if inputs < MIN_INPUTS || weight.len() < inputs * outputs || scratch.len() < room(inputs) || !reach {
        return;
    }
    let mut plan = Plan {
        unit: unit.size,
        affine: affine.as_ptr(),
        y: y.as_mut_ptr(),
        y_vector: bytes(y_steps.vector),
        y_output: bytes(y_steps.value),
        packed: scratch.as_mut_ptr(),
        groups: inputs / 4 - 1,
        stride: inputs,
        end: affine.as_ptr().wrapping_add(outputs - outputs % 2),
        rest: inputs % 4,
        shift: 32 - 8 * (inputs % 4),
        weight: weight.as_ptr(),
    };
    let adjacent = y_steps.value == 1;
    let run = if adjacent && plan.rest == 0 { add_rows } else { add_products };
    let mut x = x.as_ptr();
    // SAFETY: all lengths are checked above.
    unsafe {
        for _ in 0..vectors / 2 {
            pack(plan.packed, [x, x.wrapping_add(x_steps.vector)], x_steps.value, inputs, unit.rounding);
            plan.add(run, outputs);
            x = x.wrapping_add(2 * x_steps.vector);
            plan.y = plan.y.wrapping_add(2 * y_steps.vector);
        }
        if !vectors.is_multiple_of(2) {
            // A vector without a partner is its own.
            plan.y_vector = 0;
            pack(plan.packed, [x; 2], x_steps.value, inputs, unit.rounding);
            if adjacent && outputs.is_multiple_of(4) && outputs > 0 {
                add_fours(&plan);
            } else {
                plan.add(run, outputs);
            }
        }
    }
}

/// Whether this many vectors of this length lie in a slice of `available`.
fn lie_in(available: usize, steps: Steps, vectors: usize, length: usize) -> bool {
    vectors == 0 || length == 0 || (vectors - 1) * steps.vector + (length - 1) * steps.value < available
}

/// Numbers, addresses, and distances in bytes.
#[derive(Clone, Copy)]
#[repr(C)]
struct Plan {
    unit: f32,
    affine: *const [f32; 2],
    y: *mut f32,
    y_vector: usize,
    y_output: usize,
    packed: *mut f32,
    /// Of four inputs, but for the first.
    groups: usize,
    stride: usize,
    /// Of `affine`.
    end: *const [f32; 2],
    /// Inputs behind the groups.
    rest: usize,
    /// What takes the bytes of the group before out of the word that ends with a row.
    shift: usize,
    weight: *const i8,
}

type Run = unsafe extern "C" fn(&Plan);

impl Plan {
    /// Two vectors: pairs of outputs, and the last one, if it has no partner.
    ///
    /// # Safety
    ///
    /// Everything is there, with this many outputs.
    unsafe fn add(&self, run: Run, outputs: usize) {
        // SAFETY: as said above.
        unsafe {
            if outputs >= 2 {
                run(self);
            }
            if outputs % 2 == 1 {
                self.last(outputs - 1);
            }
        }
    }

    /// An output that is its own partner.
    ///
    /// # Safety
    ///
    /// As above; it is the one at `end`.
    #[inline(never)]
    unsafe fn last(&self, output: usize) {
        // SAFETY: as said above.
        let affine = [unsafe { *self.end }; 2];
        let plan = Self {
            affine: affine.as_ptr(),
            end: affine.as_ptr_range().end,
            y: self.y.wrapping_byte_add(output * self.y_output),
            weight: self.weight.wrapping_add(output * self.stride),
            y_output: 0,
            stride: 0,
            ..*self
        };
        // SAFETY: as said above.
        unsafe { add_products(&plan) }
    }
}
