//! Activations, chosen by type: they have no parameters and no state.

use crate::kernels::arch::{copy, fill};
use crate::kernels::{gelu, relu, tanh};
use crate::nn::graph::Graph;

/// An elementwise function and its derivative.
pub trait Activation: 'static {
    /// Where the function lies flat: inputs below this let next to nothing of a gradient through, and the
    /// [monitor](crate::extra::monitor) counts them. `None` counts none.
    const FLAT_BELOW: Option<f32> = None;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;
    /// `y = f(x)`
    fn apply(x: &[f32], y: &mut [f32]);
    /// `x = f(x)`
    fn apply_in_place(x: &mut [f32]);
    /// `dy = dy · f'(x)` and `x = f(x)`: what a backward pass needs, where the two share most of their arithmetic.
    fn backward(x: &mut [f32], dy: &mut [f32]);

    /// `y = f(x)` and `x = f'(x)`, for a backward pass that needs the one before it has a gradient for the other.
    fn apply_with_slope(x: &mut [f32], y: &mut [f32]) {
        copy(y, x);
        fill(x, 1.0);
        Self::backward(y, x);
    }
}

/// x Φ(x) with the exact normal distribution function Φ, not the tanh approximation. Below -3 its slope is 0.012 or less in size.
pub struct Gelu;

/// The hyperbolic tangent.
pub struct Tanh;

/// max(x, 0); its slope at 0 is 0.
pub struct Relu;

impl Activation for Gelu {
    const FLAT_BELOW: Option<f32> = Some(-3.0);
    const GRAPH: Graph = Graph::Gelu;
    fn apply(x: &[f32], y: &mut [f32]) {
        gelu::gelu(x, y);
    }
    fn apply_in_place(x: &mut [f32]) {
        gelu::gelu_in_place(x);
    }
    fn backward(x: &mut [f32], dy: &mut [f32]) {
        gelu::gelu_backward(x, dy);
    }
    fn apply_with_slope(x: &mut [f32], y: &mut [f32]) {
        gelu::gelu_with_slope(x, y);
    }
}

macro_rules! activation {
    ($name:ident, $apply:path, $in_place:path, $backward:path) => {
        impl Activation for $name {
            const GRAPH: Graph = Graph::$name;
            fn apply(x: &[f32], y: &mut [f32]) {
                $apply(x, y);
            }
            fn apply_in_place(x: &mut [f32]) {
                $in_place(x);
            }
            fn backward(x: &mut [f32], dy: &mut [f32]) {
                $backward(x, dy);
            }
        }
    };
}
activation!(Tanh, tanh::tanh, tanh::tanh_in_place, tanh::tanh_backward);
activation!(Relu, relu::relu, relu::relu_in_place, relu::relu_backward);
