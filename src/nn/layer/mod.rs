//! Layers: plain structs of arrays with a forward and a backward pass.

mod activation;
mod conv;
mod depthwise;
mod dropout;
mod lambda;
mod layer_norm;
mod linear;
mod piecewise;
mod stochastic_depth;
mod token_map;
mod trainable;

pub use activation::{Activation, Gelu, Relu, Tanh};
pub use conv::Conv1d;
pub use depthwise::DepthwiseConv1d;
pub use dropout::Dropout;
pub use lambda::Lambda;
pub use layer_norm::LayerNorm;
pub use linear::{Axis, Linear};
pub use piecewise::PiecewiseLinear;
pub use stochastic_depth::StochasticDepth;
pub use token_map::TokenMap;
pub use trainable::{All, BitFit, Trainable};
