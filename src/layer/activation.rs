//! Activations, chosen by type: they have no parameters and no state.

use crate::kernels::{gelu, relu, tanh};

/// An elementwise function and its derivative.
pub trait Activation: 'static {
    /// Where the function lies flat: inputs below this let next to nothing of a gradient through, and the
    /// [monitor](crate::monitor) counts them. `None` counts none.
    const FLAT_BELOW: Option<f32> = None;
    /// `y = f(x)`
    fn apply(x: &[f32], y: &mut [f32]);
    /// `x = f(x)`
    fn apply_in_place(x: &mut [f32]);
    /// `y = f(x)` and `x = f'(x)`: what a backward pass needs, where the two share most of their arithmetic.
    fn apply_with_slope(x: &mut [f32], y: &mut [f32]);
}

/// x Φ(x) with the exact normal distribution function Φ, not the tanh approximation. Below -3 its slope is between -0.012 and 0.
pub struct Gelu;

/// The hyperbolic tangent.
pub struct Tanh;

/// max(x, 0); its slope at 0 is 0.
pub struct Relu;

macro_rules! activation {
    ($name:ident, $apply:path, $in_place:path, $with_slope:path $(, $flat_below:literal)?) => {
        impl Activation for $name {
            $(const FLAT_BELOW: Option<f32> = Some($flat_below);)?
            fn apply(x: &[f32], y: &mut [f32]) {
                $apply(x, y);
            }
            fn apply_in_place(x: &mut [f32]) {
                $in_place(x);
            }
            fn apply_with_slope(x: &mut [f32], y: &mut [f32]) {
                $with_slope(x, y);
            }
        }
    };
}
activation!(Gelu, gelu::gelu, gelu::gelu_in_place, gelu::gelu_with_slope, -3.0);
activation!(Tanh, tanh::tanh, tanh::tanh_in_place, tanh::tanh_with_slope);
activation!(Relu, relu::relu, relu::relu_in_place, relu::relu_with_slope);
