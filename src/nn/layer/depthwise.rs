//! Depthwise convolution: each channel has a kernel of its own.

use core::marker::PhantomData;

use super::{All, TokenMap, Trainable};
use crate::core::layout::{front, split_at};
use crate::core::params::{Init, Role};
use crate::core::size::Cost;
use crate::kernels::arch::{self, fill};
use crate::kernels::conv::{self, Spread, spread};
use crate::nn::graph::Graph;

/// `y[n][c] = bias[c] + Σ_k weight[k][c] x[n + k - K/2][c]` with zeros outside the stream: PyTorch's `nn.Conv1d` with as many
/// groups as channels and an odd kernel in the middle. PyTorch's weight is `weight.T[:, None]` of this one.
pub struct DepthwiseConv1d<const C: usize, const K: usize, W = All> {
    /// `[tap][channel]`
    pub weight: [[f32; C]; K],
    /// `[channel]`
    pub bias: [f32; C],
    tuning: PhantomData<W>,
}

crate::params! {
    [const C: usize, const K: usize, W: Trainable] DepthwiseConv1d<C, K, W> {
        weight: leaf(Role::Weight, [K, C], Init::FanIn(K), W::WEIGHTS),
        bias: leaf(Role::Bias, [C], Init::FanIn(K)),
        tuning: tree(PhantomData<W>),
    }
}

impl<const C: usize, const K: usize, W: Trainable> DepthwiseConv1d<C, K, W> {
    const MIDDLE: Spread = {
        assert!(K > 0, "a kernel needs a tap: write 1 or more for K");
        assert!(!K.is_multiple_of(2), "a kernel of even length has no middle: choose an odd K");
        Spread { before: K / 2, step: 1 }
    };

    /// `x` with zeros around it.
    fn padded<'a>(x: &[f32], scratch: &'a mut [f32]) -> &'a [f32] {
        let padded = front(scratch, x.len() + (K - 1) * C);
        spread(padded, C, Self::MIDDLE, x, C, 0);
        padded
    }
}

impl<const N: usize, const C: usize, const K: usize, W: Trainable> TokenMap<N> for DepthwiseConv1d<C, K, W> {
    const IN: usize = C;
    const OUT: usize = C;
    const COST: Cost =
        Cost::of::<Self>().with_macs(N * K * C, if W::WEIGHTS { 3 } else { 2 }).plus_scratch((N + K - 1) * C);
    const GRAPH: Graph = Graph::DepthwiseConv;

    fn infer(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        let padded = Self::padded(x, scratch);
        arch::fill_with_row(y, &self.bias);
        conv::depthwise(y, padded, self.weight.as_flattened(), C);
    }

    fn forward(&self, x: &[f32], y: &mut [f32], _: &mut [f32], scratch: &mut [f32]) {
        TokenMap::<N>::infer(self, x, y, scratch);
    }

    fn backward(&self, grad: &mut [f32], x: &[f32], dy: &[f32], dx: &mut [f32], _: &mut [f32], scratch: &mut [f32]) {
        let (dweight, dbias) = split_at(grad, if W::WEIGHTS { K * C } else { 0 });
        arch::add_column_sums(dbias, dy);
        if W::WEIGHTS {
            let padded = Self::padded(x, scratch);
            conv::depthwise(dweight, padded, dy, C);
        }
        let padded = Self::padded(dy, scratch);
        fill(dx, 0.0);
        conv::depthwise_input_gradient(dx, padded, self.weight.as_flattened(), C);
    }
}
