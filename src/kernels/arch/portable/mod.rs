//! Plain Rust, for every processor. It defines the bits that assembly has to match.

mod adam;
mod affine;
mod gelu;
mod int8;
pub mod loops;
mod norm;
mod packed;
mod product;
mod root;
mod rows;
mod single;
mod sums;
mod tile;
mod tiled;

pub use adam::adam;
pub use affine::{affine, affine_backward};
pub use gelu::{LANES, gelu, gelu_backward, gelu_in_place, gelu_with_slope};
pub use int8::{largest_exponent, linear_int8};
pub use norm::{
    layer_norm, layer_norm_in_place, layer_norm_infer, normalize, normalize_backward, normalize_backward_onto,
};
pub use product::{nn, nt, tn};
pub use root::sqrt;
pub use rows::{add_scaled, add_squares, copy, fill, fill_with_column, fill_with_row, multiply, scaled};
pub use sums::{add_column_sums, add_row_sums};

// For the comparison with assembly.
#[cfg(feature = "bench")]
pub use {affine::affine_in_place, rows::add_outer};

/// Whether several values are computed side by side, in registers. Otherwise one after the other, with the same bits and less
/// code.
const UNROLLED: bool = cfg!(feature = "unrolled");
