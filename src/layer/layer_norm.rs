//! Layer normalisation over the channels of each token.

use crate::kernels::fast;
use crate::kernels::norm::{normalize, normalize_backward};
use crate::params::{Init, Role};

/// `y = x̂ weight + bias` with x̂ the token's channels normalised to mean 0 and (biased) variance 1.
pub struct LayerNorm<const C: usize> {
    /// `[channels]`, starts at 1
    pub weight: [f32; C],
    /// `[channels]`, starts at 0
    pub bias: [f32; C],
}

crate::params! {
    [const C: usize] LayerNorm<C> {
        weight: leaf(Role::Norm, [C], Init::Constant(1.0)),
        bias: leaf(Role::Norm, [C], Init::Constant(0.0)),
    }
}

impl<const C: usize> LayerNorm<C> {
    /// Added to the variance; PyTorch's default.
    pub const EPSILON: f32 = 1e-5;

    /// `x` becomes x̂, `rstd` the factor 1/√(variance + ε) of each token: what [`backward`](Self::backward) needs.
    pub fn normalize(x: &mut [[f32; C]], rstd: &mut [f32]) {
        normalize(x.as_flattened_mut(), rstd, C, Self::EPSILON);
    }

    /// `y = x̂ weight + bias` from a normalised x̂.
    pub fn affine(&self, normalized: &[[f32; C]], y: &mut [[f32; C]]) {
        fast::affine((y.as_flattened_mut(), C), (normalized.as_flattened(), C), &self.weight, &self.bias);
    }

    /// Channels of `y = x̂ weight + bias` from number `first` on; `y` has rows of `count` of them, one per token.
    pub fn affine_columns(&self, normalized: &[[f32; C]], y: &mut [f32], count: usize, first: usize) {
        let columns = (normalized.as_flattened().get(first..), self.weight.get(first..), self.bias.get(first..));
        if let (Some(x), Some(weight), Some(bias)) = columns {
            fast::affine((y, count), (x, C), weight, bias);
        }
    }

    /// `x` becomes y; keeps nothing for a backward pass.
    pub fn infer(&self, x: &mut [[f32; C]]) {
        for tokens in x.chunks_mut(TOGETHER) {
            Self::normalize(tokens, &mut [0.0; TOGETHER]);
        }
        fast::affine_in_place(x.as_flattened_mut(), &self.weight, &self.bias);
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x; adds to `grad`.
    pub fn backward(&self, grad: &mut [f32], normalized: &[[f32; C]], rstd: &[f32], dy: &mut [[f32; C]]) {
        self.affine_backward(grad, normalized, dy);
        normalize_backward(dy.as_flattened_mut(), normalized.as_flattened(), rstd, C);
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x̂; adds to `grad`, `[weight, bias]`.
    pub fn affine_backward(&self, grad: &mut [f32], normalized: &[[f32; C]], dy: &mut [[f32; C]]) {
        let Some((dweight, dbias)) = grad.split_at_mut_checked(C) else { return };
        fast::affine_backward(dy.as_flattened_mut(), normalized.as_flattened(), &self.weight, dweight, dbias);
    }
}

/// Tokens of a prediction that are normalised by one call; nobody asks for their factors.
const TOGETHER: usize = 8;
