//! Layer normalisation over the channels of each token.

use crate::core::layout::{Layout, split_at};
use crate::core::params::{Init, Role};
use crate::kernels::arch::{
    self, layer_norm, layer_norm_in_place, layer_norm_infer, normalize, normalize_backward, normalize_backward_onto,
};

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

    /// What a backward pass needs of `tokens` tokens: x̂ and 1/σ.
    pub const fn kept(tokens: usize) -> Layout<2> {
        Layout([tokens * C, tokens])
    }

    /// `y = x̂ weight + bias`; `normalized` becomes x̂ and `rstd` the factor 1/√(variance + ε) of each token: what
    /// [`backward`](Self::backward) needs.
    pub fn forward(&self, x: &[[f32; C]], normalized: &mut [[f32; C]], rstd: &mut [f32], y: &mut [[f32; C]]) {
        let (x, normalized, y) = (x.as_flattened(), normalized.as_flattened_mut(), y.as_flattened_mut());
        layer_norm(x, normalized, rstd, y, &self.weight, &self.bias, Self::EPSILON);
    }

    /// `y = x̂ weight + bias`; keeps nothing for a backward pass.
    pub fn infer(&self, x: &[[f32; C]], y: &mut [[f32; C]]) {
        layer_norm_infer(x.as_flattened(), y.as_flattened_mut(), &self.weight, &self.bias, Self::EPSILON);
    }

    /// The same where `x` becomes y.
    pub fn infer_in_place(&self, x: &mut [[f32; C]]) {
        layer_norm_in_place(x.as_flattened_mut(), &self.weight, &self.bias, Self::EPSILON);
    }

    /// The first half of [`forward`](Self::forward) in place: `x` becomes x̂.
    pub fn normalize(x: &mut [[f32; C]], rstd: &mut [f32]) {
        normalize(x.as_flattened_mut(), rstd, C, Self::EPSILON);
    }

    /// The second half: `y = x̂ weight + bias` from a normalised x̂.
    pub fn affine(&self, normalized: &[[f32; C]], y: &mut [[f32; C]]) {
        arch::affine((y.as_flattened_mut(), C), (normalized.as_flattened(), C), &self.weight, &self.bias);
    }

    /// Channels of `y = x̂ weight + bias` from number `first` on; `y` has rows of `count` of them, one per token.
    pub fn affine_columns(&self, normalized: &[[f32; C]], y: &mut [f32], count: usize, first: usize) {
        let columns = (normalized.as_flattened().get(first..), self.weight.get(first..), self.bias.get(first..));
        if let (Some(x), Some(weight), Some(bias)) = columns {
            arch::affine((y, count), (x, C), weight, bias);
        }
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x; adds to `grad`.
    pub fn backward(&self, grad: &mut [f32], normalized: &[[f32; C]], rstd: &[f32], dy: &mut [[f32; C]]) {
        self.affine_backward(grad, normalized, dy);
        normalize_backward(dy.as_flattened_mut(), normalized.as_flattened(), rstd, C);
    }

    /// The same where the gradient with respect to x is added to `dx`; `dy` is lost.
    pub fn backward_onto(
        &self,
        grad: &mut [f32],
        normalized: &[[f32; C]],
        rstd: &[f32],
        dy: &mut [[f32; C]],
        dx: &mut [[f32; C]],
    ) {
        self.affine_backward(grad, normalized, dy);
        let (dx, dy) = (dx.as_flattened_mut(), dy.as_flattened_mut());
        normalize_backward_onto(dx, dy, normalized.as_flattened(), rstd, C);
    }

    /// `dy`, the gradient with respect to y, becomes the one with respect to x̂; adds to `grad`, `[weight, bias]`.
    pub fn affine_backward(&self, grad: &mut [f32], normalized: &[[f32; C]], dy: &mut [[f32; C]]) {
        let (dweight, dbias) = split_at(grad, C);
        arch::affine_backward(dy.as_flattened_mut(), normalized.as_flattened(), &self.weight, dweight, dbias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In one go or half by half, kept or not, out of place or in place: the same bits.
    fn check<const C: usize>() {
        let value = |i: usize| libm::sinf(i as f32) * 3.0;
        let norm = LayerNorm { weight: core::array::from_fn(value), bias: core::array::from_fn(|i| value(i + C)) };
        let mut x: [[f32; C]; 3] = core::array::from_fn(|row| core::array::from_fn(|i| value(2 * C + row * C + i)));
        x[1] = [-0.0; C];
        let (mut halves, mut halves_rstd, mut halves_y) = (x, [0.0; 3], [[0.0; C]; 3]);
        LayerNorm::normalize(&mut halves, &mut halves_rstd);
        norm.affine(&halves, &mut halves_y);
        let (mut normalized, mut rstd, mut y) = ([[0.0; C]; 3], [0.0; 3], [[0.0; C]; 3]);
        norm.forward(&x, &mut normalized, &mut rstd, &mut y);
        assert_eq!(bits(&normalized), bits(&halves));
        assert_eq!((bits(&[rstd]), bits(&y)), (bits(&[halves_rstd]), bits(&halves_y)));
        let mut inferred = [[0.0; C]; 3];
        norm.infer(&x, &mut inferred);
        norm.infer_in_place(&mut x);
        assert_eq!((bits(&inferred), bits(&x)), (bits(&y), bits(&y)));
    }

    fn bits<const C: usize, const N: usize>(x: &[[f32; C]; N]) -> [[u32; C]; N] {
        x.map(|row| row.map(f32::to_bits))
    }

    #[test]
    fn all_ways_to_the_same_result() {
        check::<1>();
        check::<6>();
        check::<12>();
        check::<16>();
    }
}
