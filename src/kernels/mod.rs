//! The arithmetic: slices in, slices out, not generic over shapes, so that one copy of the code serves every layer.
//!
//! Matrix products are here for [blocks](crate::nn::block) of one's own; activations are
//! [`nn::layer::Activation`](crate::nn::layer::Activation).

pub(crate) mod adam;
pub(crate) mod arch;
pub(crate) mod conv;
pub(crate) mod cosine;
mod cut;
pub(crate) mod descent;
pub(crate) mod gelu;
pub(crate) mod int8;
pub(crate) mod lion;
pub mod matmul;
mod matrix;
mod moments;
mod norm_rows;
pub(crate) mod pieces;
pub(crate) mod pool;
pub(crate) mod relu;
pub(crate) mod rows;
mod rsqrt;
pub(crate) mod schedule_free;
pub(crate) mod softmax;
pub(crate) mod statistics;
pub(crate) mod tanh;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
