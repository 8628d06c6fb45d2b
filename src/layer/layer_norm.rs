//! Layer normalisation over the channels of each token.

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
    pub fn normalize<const N: usize>(x: &mut [[f32; C]; N], rstd: &mut [f32; N]) {
        for (token, rstd) in x.iter_mut().zip(rstd) {
            *rstd = normalize(token, Self::EPSILON);
        }
    }

    /// `y = x̂ weight + bias` from a normalised x̂.
    pub fn affine<const N: usize>(&self, normalized: &[[f32; C]; N], y: &mut [[f32; C]; N]) {
        for (x, y) in normalized.iter().zip(y) {
            for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(&self.weight).zip(&self.bias) {
                *y = x * weight + bias;
            }
        }
    }

    /// `x` becomes y; keeps nothing for a backward pass.
    pub fn infer<const N: usize>(&self, x: &mut [[f32; C]; N]) {
        for token in x {
            normalize(token, Self::EPSILON);
            for ((x, weight), bias) in token.iter_mut().zip(&self.weight).zip(&self.bias) {
                *x = *x * weight + bias;
            }
        }
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x; adds to `grad`.
    pub fn backward<const N: usize>(
        &self,
        grad: &mut Self,
        normalized: &[[f32; C]; N],
        rstd: &[f32; N],
        dy: &mut [[f32; C]; N],
    ) {
        self.affine_backward(grad, normalized, dy);
        for ((dy, x), rstd) in dy.iter_mut().zip(normalized).zip(rstd) {
            normalize_backward(dy, x, *rstd);
        }
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x̂; adds to `grad`.
    pub fn affine_backward<const N: usize>(&self, grad: &mut Self, normalized: &[[f32; C]; N], dy: &mut [[f32; C]; N]) {
        for (dy, x) in dy.iter_mut().zip(normalized) {
            let weights = self.weight.iter().zip(&mut grad.weight).zip(&mut grad.bias);
            for ((dy, x), ((weight, dweight), dbias)) in dy.iter_mut().zip(x).zip(weights) {
                *dweight += *dy * x;
                *dbias += *dy;
                *dy *= weight;
            }
        }
    }
}
