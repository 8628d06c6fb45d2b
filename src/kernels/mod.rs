//! The arithmetic, slices in and slices out.

pub mod cosine;
pub mod gelu;
pub mod relu;
pub mod tanh;
