//! Assembly for a Cortex-M4F, with the bits of the plain Rust: LLVM has no way to the square root of the processor where
//! `libm` takes the long one, and puts each sum right behind its product, where it waits a cycle for it.

#[macro_use]
mod four;
#[macro_use]
mod plan;

mod adam;
mod affine;
mod fill;
mod gelu;
mod int8;
mod norm;
mod norm_backward;
mod norm_registers;
mod outer;
mod pair;
mod product;
mod root;
mod rows;
mod single;
mod sums;
mod tile;
mod view;

pub use adam::adam;
pub use affine::{affine, affine_backward};
pub use fill::{fill, fill_with_column, fill_with_row};
pub use gelu::{LANES, gelu, gelu_backward, gelu_in_place, gelu_with_slope};
pub use int8::{largest_exponent, linear_int8};
pub use norm::{layer_norm, layer_norm_in_place, layer_norm_infer, normalize};
pub use norm_backward::{normalize_backward, normalize_backward_onto};
pub use outer::add_squares;
pub use product::{nn, nt, tn};
pub use root::sqrt;
pub use rows::{add_scaled, copy, multiply, scaled};
pub use sums::{add_column_sums, add_row_sums};

// What the others call, for the comparison with plain Rust.
#[cfg(feature = "bench")]
pub use {affine::affine_in_place, outer::add_outer};
