//! The arithmetic: slices in, slices out, not generic over shapes, so that one copy of the code serves every layer.

pub mod adam;
pub mod cosine;
pub mod gelu;
pub mod matmul;
pub mod norm;
pub mod relu;
pub mod rows;
pub mod tanh;
