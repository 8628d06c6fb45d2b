//! Layers: plain structs of arrays with a forward and a backward pass.

mod activation;
mod dropout;
mod layer_norm;
mod linear;
mod stochastic_depth;
mod tuning;

pub use activation::{Activation, Gelu, Relu, Tanh};
pub use dropout::Dropout;
pub use layer_norm::LayerNorm;
pub use linear::{Axis, Linear};
pub use stochastic_depth::StochasticDepth;
pub use tuning::{BitFit, Full, Tuning};
