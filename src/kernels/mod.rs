//! The arithmetic: slices in, slices out, not generic over shapes, so that one copy of the code serves every layer.

pub mod adam;
pub mod affine;
pub mod conv;
pub mod cosine;
pub mod gelu;
pub mod loops;
pub mod matmul;
pub mod norm;
pub mod pool;
pub mod product;
pub mod relu;
pub mod rows;
pub mod rsqrt;
pub mod softmax;
pub mod tanh;
pub mod tile;

/// Whether several values are worked on side by side, in registers. Otherwise one after the other, with the same bits, by
/// less code.
const UNROLLED: bool = cfg!(feature = "unrolled");

/// What is written in assembly for some processor, by names that are the same everywhere.
#[cfg(not(all(feature = "cortex-m4", target_arch = "arm", target_abi = "eabihf", target_os = "none")))]
pub mod fast {
    pub use super::adam::steps as adam;
    pub use super::affine::{affine, affine_backward, affine_in_place};
    pub use super::gelu::{
        values as gelu, values_and_gradients as gelu_backward, values_and_slopes as gelu_with_slope,
        values_in_place as gelu_in_place,
    };
    pub use super::norm::{
        layer_norm_in_place_steps as layer_norm_in_place, layer_norm_infer_steps as layer_norm_infer,
        layer_norm_steps as layer_norm, normalize_rows as normalize, normalize_rows_backward as normalize_backward,
        normalize_rows_backward_onto as normalize_backward_onto,
    };
    pub use super::product::{nn, nt, tn};
    pub use super::rows::{
        add_column_sums, add_outer, add_row_sums, add_scaled, add_squares, copy, fill, fill_with_column, fill_with_row,
        multiply, scaled,
    };
    #[cfg(not(feature = "std"))]
    pub use libm::sqrtf as sqrt;

    /// √x
    #[cfg(feature = "std")]
    pub fn sqrt(x: f32) -> f32 {
        x.sqrt()
    }

    /// Values of GELU that are worked on side by side: four where the result of a scalar operation is late for the next one;
    /// vectors the compiler finds by itself.
    pub const LANES: usize = if cfg!(all(feature = "unrolled", target_abi = "eabihf")) { 4 } else { 1 };

    /// Whether rows of this width are normalised in registers; here the compiler finds out by itself.
    pub const fn holds(_width: usize) -> bool {
        true
    }
}
#[cfg(all(feature = "cortex-m4", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
pub use trainlet_cortex_m4 as fast;
