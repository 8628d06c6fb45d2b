//! Layers: plain structs of arrays with a forward and a backward pass.

mod linear;

pub use linear::Linear;
