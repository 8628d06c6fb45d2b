//! Token mixing over some of the tokens, with the weights of all of them.

use super::Partial;
use crate::core::params::Params;
use crate::core::tensor::{Tensor, Windows};
use crate::kernels::fast::{add_row_sums, add_scaled, copy, fill, fill_with_column, scaled};
use crate::kernels::matmul::{nn, nt, tn};
use crate::nn::block::{AlongTokens, Keep, Mixing, PreNormResidual};
use crate::nn::layer::{Activation, All, LayerNorm, Linear};
use crate::nn::pass::Pass;

/// A token mixing as a residual block.
type Residual<const N: usize, const C: usize, const H: usize, A> =
    PreNormResidual<Mixing<AlongTokens, N, H, A, Keep, All>, C, Keep>;

/// x̂ and 1/σ of the normalisation, and the hidden values before their activation.
type Saved<const V: usize, const C: usize, const H: usize> = ([[f32; C]; V], [f32; V], [[f32; C]; H]);
/// Input of the branch, which becomes its output; activation; the part of a matrix for the tokens that are there.
type Forward<const V: usize, const C: usize, const H: usize> = ([[f32; C]; V], [[f32; C]; H], [[f32; V]; H]);
/// Gradient of the output, which becomes that of the input; gradient of the hidden values; part of a matrix; input.
type Backward<const V: usize, const C: usize, const H: usize> =
    ([[f32; C]; V], [[f32; C]; H], [[f32; V]; H], [[f32; C]; V]);

/// The hidden units sum over the tokens that are there, times `N / V` so that they receive on average what they would
/// of all: as if dropout had left out the other tokens behind the normalisation.
impl<const N: usize, const V: usize, const C: usize, const H: usize, A: Activation> Partial<N, V, C>
    for Residual<N, C, H, A>
{
    const DEPTH: usize = 1;
    const SAVED: usize = Saved::<V, C, H>::LEN;
    const SCRATCH: usize = Backward::<V, C, H>::LEN;
    const INFER: usize = Forward::<V, C, H>::LEN;
    const MACS: usize = C * 2 * V * H;

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        let Some(((u, hidden, part), _)) = Forward::<V, C, H>::carve(scratch) else { return };
        self.norm.infer(x, u);
        self.hidden_from(u, visible, part.flat_mut(), hidden.flat_mut());
        A::apply_in_place(hidden.flat_mut());
        self.output_from(hidden.flat(), visible, part.flat_mut(), u);
        add_scaled(x.flat_mut(), u.flat(), 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((normalized, rstd, before), _)) = Saved::<V, C, H>::carve(saved) else { return };
        let Some(((u, hidden, part), _)) = Forward::<V, C, H>::carve(scratch) else { return };
        let pass = pass.child(1);
        self.norm.forward(x, normalized, rstd, u);
        self.hidden_from(u, visible, part.flat_mut(), before.flat_mut());
        pass.record::<A>(&self.branch.hidden.bias, before.flat());
        A::apply(before.flat(), hidden.flat_mut());
        pass.child(0).dropout_columns(hidden.flat_mut(), C);
        self.output_from(hidden.flat(), visible, part.flat_mut(), u);
        pass.child(1).dropout_columns(u.flat_mut(), C);
        add_scaled(x.flat_mut(), u.flat(), scale);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((normalized, rstd, before), _)) = Saved::<V, C, H>::carve(saved) else { return };
        let Some(((dy, hidden, part, u), _)) = Backward::<V, C, H>::carve(scratch) else { return };
        let Some((grad_norm, grad)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
        let Some((grad_hidden, grad_output)) = grad.split_at_mut_checked(Linear::<N, H>::TRAINABLE) else { return };
        let (hidden, before, part, pass) = (hidden.flat_mut(), before.flat_mut(), part.flat_mut(), pass.child(1));
        scaled(dy.flat_mut(), dx.flat(), scale);
        pass.child(1).dropout_columns(dy.flat_mut(), C);
        gather_rows(part, self.branch.output.weight.as_flattened(), H, visible);
        fill(hidden, 0.0);
        tn(hidden, (part, H), (dy.flat(), C), V, C);
        pass.child(0).dropout_columns(hidden, C);
        A::backward(before, hidden);
        pass.child(0).dropout_columns(before, C);
        add_output_gradient::<N, V, C, H>(grad_output, (before, dy), visible, part);
        self.norm.affine(normalized, u);
        add_hidden_gradient::<N, V, C, H>(grad_hidden, (u, hidden), visible, part);
        gather_columns(part, self.branch.hidden.weight.as_flattened(), N, visible, share::<N, V>());
        fill(dy.flat_mut(), 0.0);
        tn(dy.flat_mut(), (part, V), (hidden, C), H, C);
        self.norm.backward_onto(grad_norm, normalized, rstd, dy, dx);
    }
}

impl<const N: usize, const C: usize, const H: usize, A> Residual<N, C, H, A> {
    /// The hidden values before their activation.
    fn hidden_from<const V: usize>(&self, u: &[[f32; C]; V], visible: &[u16], part: &mut [f32], hidden: &mut [f32]) {
        let Linear { weight, bias, .. } = &self.branch.hidden;
        gather_columns(part, weight.as_flattened(), N, visible, share::<N, V>());
        fill_with_column(hidden, bias, C);
        nn(hidden, (part, V), (u.flat(), C), V, C);
    }

    /// The outputs of the tokens that are there.
    fn output_from<const V: usize>(&self, hidden: &[f32], visible: &[u16], part: &mut [f32], y: &mut [[f32; C]; V]) {
        let Linear { weight, bias, .. } = &self.branch.output;
        gather_rows(part, weight.as_flattened(), H, visible);
        for (y, token) in y.iter_mut().zip(visible) {
            y.fill(bias.get(usize::from(*token)).copied().unwrap_or_default());
        }
        nn(y.flat_mut(), (part, H), (hidden, C), H, C);
    }
}

/// How many tokens each of those that are there stands for.
const fn share<const N: usize, const V: usize>() -> f32 {
    N as f32 / V as f32
}

/// Adds to `grad`, `[weight, bias]` of the output layer. `part` is room for a part of the matrix.
fn add_output_gradient<const N: usize, const V: usize, const C: usize, const H: usize>(
    grad: &mut [f32],
    (hidden, dy): (&[f32], &[[f32; C]; V]),
    visible: &[u16],
    part: &mut [f32],
) {
    let Some((weight, bias)) = grad.split_at_mut_checked(N * H) else { return };
    for (dy, token) in dy.iter().zip(visible) {
        if let Some(bias) = bias.get_mut(usize::from(*token)) {
            *bias = dy.iter().fold(*bias, |sum, dy| sum + dy);
        }
    }
    fill(part, 0.0);
    nt(part, (dy.flat(), C), (hidden, C), C, H);
    for (part, token) in part.chunks_exact(H.max(1)).zip(visible) {
        if let Some(row) = weight.get_mut(usize::from(*token) * H..) {
            row.iter_mut().zip(part).for_each(|(weight, part)| *weight += part);
        }
    }
}

/// Adds to `grad`, `[weight, bias]` of the hidden layer, from its input and the gradient of its output.
fn add_hidden_gradient<const N: usize, const V: usize, const C: usize, const H: usize>(
    grad: &mut [f32],
    (u, dhidden): (&[[f32; C]; V], &[f32]),
    visible: &[u16],
    part: &mut [f32],
) {
    let Some((weight, bias)) = grad.split_at_mut_checked(H * N) else { return };
    add_row_sums(bias, dhidden, C);
    fill(part, 0.0);
    nt(part, (dhidden, C), (u.flat(), C), C, V);
    for (row, part) in weight.chunks_exact_mut(N.max(1)).zip(part.chunks_exact(V.max(1))) {
        for (part, token) in part.iter().zip(visible) {
            if let Some(weight) = row.get_mut(usize::from(*token)) {
                *weight += share::<N, V>() * part;
            }
        }
    }
}

/// The columns of `matrix` for these tokens, times `factor`.
fn gather_columns(part: &mut [f32], matrix: &[f32], width: usize, visible: &[u16], factor: f32) {
    for (part, row) in part.chunks_exact_mut(visible.len().max(1)).zip(matrix.chunks_exact(width.max(1))) {
        for (part, token) in part.iter_mut().zip(visible) {
            *part = factor * row.get(usize::from(*token)).copied().unwrap_or_default();
        }
    }
}

/// The rows of `matrix` for these tokens.
fn gather_rows(part: &mut [f32], matrix: &[f32], width: usize, visible: &[u16]) {
    for (part, token) in part.chunks_exact_mut(width.max(1)).zip(visible) {
        copy(part, matrix.get(usize::from(*token) * width..).and_then(|row| row.get(..width)).unwrap_or_default());
    }
}
