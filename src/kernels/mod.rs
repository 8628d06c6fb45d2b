//! Inner loops: slices in, slices out, not generic over shapes, so that a firmware holds each of them once.

pub mod adam;
pub mod cosine;
