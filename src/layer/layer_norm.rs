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
    pub fn normalize(x: &mut [[f32; C]], rstd: &mut [f32]) {
        for (token, rstd) in x.iter_mut().zip(rstd) {
            *rstd = normalize(token, Self::EPSILON);
        }
    }

    /// `y = x̂ weight + bias` from a normalised x̂.
    #[inline(never)]
    pub fn affine(&self, normalized: &[[f32; C]], y: &mut [[f32; C]]) {
        for (x, y) in normalized.iter().zip(y) {
            for (((y, x), weight), bias) in y.iter_mut().zip(x).zip(&self.weight).zip(&self.bias) {
                *y = x * weight + bias;
            }
        }
    }

    /// Channels of `y = x̂ weight + bias` from number `first` on; `y` has rows of `count` of them, one per token.
    #[inline(never)]
    pub fn affine_columns(&self, normalized: &[[f32; C]], y: &mut [f32], count: usize, first: usize) {
        for (x, y) in normalized.iter().zip(y.chunks_exact_mut(count.max(1))) {
            let channels = x.iter().zip(&self.weight).zip(&self.bias).skip(first);
            for (y, ((x, weight), bias)) in y.iter_mut().zip(channels) {
                *y = x * weight + bias;
            }
        }
    }

    /// `x` becomes y; keeps nothing for a backward pass.
    #[inline(never)]
    pub fn infer(&self, x: &mut [[f32; C]]) {
        for token in x {
            normalize(token, Self::EPSILON);
            for ((x, weight), bias) in token.iter_mut().zip(&self.weight).zip(&self.bias) {
                *x = *x * weight + bias;
            }
        }
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x; adds to `grad`.
    pub fn backward(&self, grad: &mut [f32], normalized: &[[f32; C]], rstd: &[f32], dy: &mut [[f32; C]]) {
        self.affine_backward(grad, normalized, dy);
        for ((dy, x), rstd) in dy.iter_mut().zip(normalized).zip(rstd) {
            normalize_backward(dy, x, *rstd);
        }
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x̂; adds to `grad`, `[weight, bias]`.
    #[inline(never)]
    pub fn affine_backward(&self, grad: &mut [f32], normalized: &[[f32; C]], dy: &mut [[f32; C]]) {
        let Some((dweight, dbias)) = grad.split_at_mut_checked(C) else { return };
        for (dy, x) in dy.iter_mut().zip(normalized) {
            let weights = self.weight.iter().zip(&mut *dweight).zip(&mut *dbias);
            for ((dy, x), ((weight, dweight), dbias)) in dy.iter_mut().zip(x).zip(weights) {
                *dweight += *dy * x;
                *dbias += *dy;
                *dy *= weight;
            }
        }
    }
}
