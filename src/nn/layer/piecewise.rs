//! A piecewise-linear function of each number.

use crate::core::layout::split_at;
use crate::core::params::{Init, Params, Role};
use crate::kernels::pieces;

/// `E` functions of each of `L` numbers, linear within each of `BINS` bins (Gorishniy, Rubachev and Babenko 2022, "On Embeddings for
/// Numerical Features in Tabular Deep Learning", [arXiv 2203.05556](https://arxiv.org/abs/2203.05556)): a linear layer of how far the
/// number has passed through each bin.
///
/// The bins have the same width and share the range from -√3 to √3, that of a uniform number with mean 0 and deviation 1. The first
/// and the last go on beyond it.
pub struct PiecewiseLinear<const L: usize, const BINS: usize, const E: usize> {
    /// By how much each function rises in each bin: `[number][bin][function]`
    pub weight: [[[f32; E]; BINS]; L],
    /// Their values at -√3: `[number][function]`
    pub bias: [[f32; E]; L],
}

crate::params! {
    [const L: usize, const BINS: usize, const E: usize] PiecewiseLinear<L, BINS, E> {
        weight: leaf(Role::Weight, [L, BINS, E], Init::FanIn(BINS)),
        bias: leaf(Role::Bias, [L, E], Init::FanIn(BINS)),
    }
}

impl<const L: usize, const BINS: usize, const E: usize> PiecewiseLinear<L, BINS, E> {
    /// Writes the values of the functions, `[number][function]`.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        pieces::embed(y, x, self.weight.as_flattened().as_flattened(), self.bias.as_flattened(), [BINS, E]);
    }

    /// Adds to `grad`, `[weight, bias]`, the gradient for the input `x` and the gradient `dy` of the output.
    pub fn add_gradient(grad: &mut [f32], x: &[f32], dy: &[f32]) {
        let (weight, bias) = split_at(grad, Self::COUNT - L * E);
        pieces::add_gradient(weight, bias, x, dy, [BINS, E]);
    }
}
