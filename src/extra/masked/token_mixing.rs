//! Token mixing over some of the tokens, with the weights of all of them.

use super::Partial;
use crate::core::layout::{Layout, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::{add_row_sums, add_scaled, copy, fill, fill_with_column, scaled};
use crate::kernels::matmul::{nn, nt, tn};
use crate::nn::block::{Keep, PreNormResidual, TokenMixing};
use crate::nn::layer::{Activation, All, LayerNorm, Linear};
use crate::nn::pass::Pass;

/// A token mixing as a residual block.
type Residual<const N: usize, const C: usize, const H: usize, A> =
    PreNormResidual<TokenMixing<N, H, A, Keep, All>, C, Keep>;

/// x̂ and 1/σ of the normalisation, and the hidden values before their activation.
const fn saved_layout(tokens: usize, channels: usize, hidden: usize) -> Layout<3> {
    Layout([tokens * channels, tokens, hidden * channels])
}

/// Input of the branch, which becomes its output; activation; the part of a matrix for the tokens that are there.
const fn forward_layout(tokens: usize, channels: usize, hidden: usize) -> Layout<3> {
    Layout([tokens * channels, hidden * channels, hidden * tokens])
}

/// Gradient of the output, which becomes that of the input; gradient of the hidden values; part of a matrix; input.
const fn backward_layout(tokens: usize, channels: usize, hidden: usize) -> Layout<4> {
    Layout([tokens * channels, hidden * channels, hidden * tokens, tokens * channels])
}

/// The hidden units sum over the tokens that are there, times `N / V` so that they receive on average what they would
/// of all: as if dropout had left out the other tokens behind the normalisation.
impl<const N: usize, const V: usize, const C: usize, const H: usize, A: Activation> Partial<N, V, C>
    for Residual<N, C, H, A>
{
    const COST: Cost = Cost {
        saved: saved_layout(V, C, H).total(),
        scratch: backward_layout(V, C, H).total(),
        infer_scratch: forward_layout(V, C, H).total(),
        depth: 1,
        ..Cost::of::<Self>().with_macs(C * 2 * V * H, 3)
    };

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        let ([u, hidden, part], _) = forward_layout(V, C, H).split(scratch);
        let u = tokens(u);
        self.norm.infer(x, u);
        self.hidden_from::<V>(u, visible, part, hidden);
        A::apply_in_place(hidden);
        self.output_from(hidden, visible, part, u);
        add_scaled(x.as_flattened_mut(), u.as_flattened(), 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([normalized, rstd, before], _) = saved_layout(V, C, H).split(saved);
        let ([u, hidden, part], _) = forward_layout(V, C, H).split(scratch);
        let (u, pass) = (tokens(u), pass.child(1));
        self.norm.forward(x, tokens(normalized), rstd, u);
        self.hidden_from::<V>(u, visible, part, before);
        pass.record::<A>(&self.branch.hidden.bias, before);
        A::apply(before, hidden);
        pass.child(0).dropout_columns(hidden, C);
        self.output_from(hidden, visible, part, u);
        pass.child(1).dropout_columns(u.as_flattened_mut(), C);
        add_scaled(x.as_flattened_mut(), u.as_flattened(), scale);
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
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([normalized, rstd, before], _) = saved_layout(V, C, H).split(saved);
        let ([dy, hidden, part, u], _) = backward_layout(V, C, H).split(scratch);
        let parts = Layout([LayerNorm::<C>::TRAINABLE, Linear::<N, H>::TRAINABLE]);
        let ([grad_norm, grad_hidden], grad_output) = parts.split(grad);
        let (normalized, u, pass) = (tokens(normalized), tokens(u), pass.child(1));
        scaled(dy, dx.as_flattened(), scale);
        pass.child(1).dropout_columns(dy, C);
        gather_rows(part, self.branch.output.weight.as_flattened(), H, visible);
        fill(hidden, 0.0);
        tn(hidden, (part, H), (dy, C), V, C);
        pass.child(0).dropout_columns(hidden, C);
        A::backward(before, hidden);
        pass.child(0).dropout_columns(before, C);
        add_output_gradient::<N, C, H>(grad_output, (before, tokens(dy)), visible, part);
        self.norm.affine(normalized, u);
        add_hidden_gradient::<N, V, C, H>(grad_hidden, (u, hidden), visible, part);
        gather_columns(part, self.branch.hidden.weight.as_flattened(), N, visible, stands_for::<N, V>());
        fill(dy, 0.0);
        tn(dy, (part, V), (hidden, C), H, C);
        self.norm.backward_onto(grad_norm, normalized, rstd, tokens(dy), dx);
    }
}

impl<const N: usize, const C: usize, const H: usize, A> Residual<N, C, H, A> {
    /// The hidden values before their activation.
    fn hidden_from<const V: usize>(&self, u: &[[f32; C]], visible: &[u16], part: &mut [f32], hidden: &mut [f32]) {
        let Linear { weight, bias, .. } = &self.branch.hidden;
        gather_columns(part, weight.as_flattened(), N, visible, stands_for::<N, V>());
        fill_with_column(hidden, bias, C);
        nn(hidden, (part, V), (u.as_flattened(), C), V, C);
    }

    /// The outputs of the tokens that are there.
    fn output_from(&self, hidden: &[f32], visible: &[u16], part: &mut [f32], y: &mut [[f32; C]]) {
        let Linear { weight, bias, .. } = &self.branch.output;
        gather_rows(part, weight.as_flattened(), H, visible);
        for (y, token) in y.iter_mut().zip(visible) {
            y.fill(bias.get(usize::from(*token)).copied().unwrap_or_default());
        }
        nn(y.as_flattened_mut(), (part, H), (hidden, C), H, C);
    }
}

/// How many tokens each of those that are there stands for.
const fn stands_for<const N: usize, const V: usize>() -> f32 {
    N as f32 / V as f32
}

/// Adds to `grad`, `[weight, bias]` of the output layer. `part` is room for a part of the matrix.
fn add_output_gradient<const N: usize, const C: usize, const H: usize>(
    grad: &mut [f32],
    (hidden, dy): (&[f32], &[[f32; C]]),
    visible: &[u16],
    part: &mut [f32],
) {
    let (weight, bias) = split_at(grad, N * H);
    for (dy, token) in dy.iter().zip(visible) {
        if let Some(bias) = bias.get_mut(usize::from(*token)) {
            *bias = dy.iter().fold(*bias, |sum, dy| sum + dy);
        }
    }
    fill(part, 0.0);
    nt(part, (dy.as_flattened(), C), (hidden, C), C, H);
    for (part, token) in part.chunks_exact(H.max(1)).zip(visible) {
        if let Some(row) = weight.get_mut(usize::from(*token) * H..) {
            row.iter_mut().zip(part).for_each(|(weight, part)| *weight += part);
        }
    }
}

/// Adds to `grad`, `[weight, bias]` of the hidden layer, from its input and the gradient of its output.
fn add_hidden_gradient<const N: usize, const V: usize, const C: usize, const H: usize>(
    grad: &mut [f32],
    (u, dhidden): (&[[f32; C]], &[f32]),
    visible: &[u16],
    part: &mut [f32],
) {
    let (weight, bias) = split_at(grad, H * N);
    add_row_sums(bias, dhidden, C);
    fill(part, 0.0);
    nt(part, (dhidden, C), (u.as_flattened(), C), C, V);
    for (row, part) in weight.chunks_exact_mut(N.max(1)).zip(part.chunks_exact(V.max(1))) {
        for (part, token) in part.iter().zip(visible) {
            if let Some(weight) = row.get_mut(usize::from(*token)) {
                *weight += stands_for::<N, V>() * part;
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
