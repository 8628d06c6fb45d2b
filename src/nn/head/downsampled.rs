//! A further stage of a network, on fewer tokens with other channels.

use super::Head;
use crate::core::layout::{Layout, split_array, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::kernels::arch::copy;
use crate::nn::block::Block;
use crate::nn::graph::Graph;
use crate::nn::layer::{All, Conv1d, LayerNorm, Trainable};
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// LayerNorm, then a convolution with `K` taps and a stride of 2, from `C` to `D` channels, as between the stages of a ConvNeXt
/// (Liu et al. 2022, [arXiv 2201.03545](https://arxiv.org/abs/2201.03545)), where `K` is 2.
pub struct Downsample<const C: usize, const D: usize, const K: usize, W = All> {
    /// `norm.weight [C]`, `norm.bias [C]`
    pub norm: LayerNorm<C>,
    /// `conv.weight [D][K][C]`, `conv.bias [D]`
    pub conv: Conv1d<C, D, C, K, 2, W>,
}

crate::params! {
    [const C: usize, const D: usize, const K: usize, W: Trainable] Downsample<C, D, K, W> {
        norm: tree(LayerNorm<C>, "norm"),
        conv: tree(Conv1d<C, D, C, K, 2, W>, "conv"),
    }
}

/// Halves the tokens, rounded up, and goes on with blocks on the new stream `[M][D]` and a head, which may be such a stage
/// again. Everything in it has names under `next`.
pub struct Downsampled<const C: usize, const M: usize, const D: usize, const K: usize, B, H, W = All> {
    /// `next.downsample`
    pub downsample: Downsample<C, D, K, W>,
    /// `next.blocks`
    pub blocks: B,
    /// `next.norm`, `next.head` …
    pub head: H,
}

crate::params! {
    [const C: usize, const M: usize, const D: usize, const K: usize, B: Params, H: Params, W: Trainable]
    Downsampled<C, M, D, K, B, H, W> {
        downsample: tree(Downsample<C, D, K, W>, "next.downsample"),
        blocks: tree(B, "next.blocks"),
        head: tree(H, "next"),
    }
}

impl<const C: usize, const D: usize, const K: usize, W: Trainable> Downsample<C, D, K, W> {
    /// Kept is 1/σ. In the scratch of a backward pass are the input of the convolution, its gradient, and what the convolution
    /// needs.
    const fn cost(tokens: usize) -> Cost {
        let macs = tokens.div_ceil(2) * K * C * D;
        Cost {
            saved: tokens,
            scratch: 2 * tokens * C + Conv1d::<C, D, C, K, 2, W>::backward_scratch(tokens),
            infer_scratch: Conv1d::<C, D, C, K, 2, W>::forward_scratch(tokens),
            ..Cost::of::<Self>().with_macs(macs, if W::WEIGHTS { 3 } else { 2 })
        }
    }

    /// `x` becomes x̂, what the backward pass needs beside 1/σ.
    fn forward(&self, x: &mut [[f32; C]], y: &mut [f32], rstd: &mut [f32], scratch: &mut [f32]) {
        let (u, scratch) = split_at(scratch, x.len() * C);
        LayerNorm::normalize(x, rstd);
        self.norm.affine(x, tokens(u));
        self.conv.forward(u, y, scratch);
    }

    /// `x`, left as x̂, becomes the gradient of the input.
    fn backward(&self, grad: &mut [f32], x: &mut [[f32; C]], rstd: &[f32], dy: &[f32], scratch: &mut [f32]) {
        let ([u, dx], scratch) = Layout([x.len() * C, x.len() * C]).split(scratch);
        let (grad_norm, grad_conv) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        self.norm.affine(x, tokens(u));
        self.conv.backward(grad_conv, u, dy, dx, scratch);
        self.norm.backward(grad_norm, x, rstd, tokens(dx));
        copy(x.as_flattened_mut(), dx);
    }
}

/// Kept are the new stream, 1/σ of the tokens that come in, and what blocks and head keep.
impl<const N: usize, const C: usize, const M: usize, const D: usize, const K: usize, B, H, W> Head<N, C>
    for Downsampled<C, M, D, K, B, H, W>
where
    B: Block<M, D>,
    H: Head<M, D>,
    W: Trainable,
{
    type Output = H::Output;
    const COST: Cost = {
        assert!(M == N.div_ceil(2), "the stride halves the tokens: write M = N / 2, rounded up");
        assert!(!B::FROZEN, "a frozen block behind a convolution that is trained: freeze everything before it as well");
        let whole = Downsample::<C, D, K, W>::cost(N).then(B::COST).then(H::COST).plus_saved(M * D);
        Cost { infer_scratch: M * D + whole.infer_scratch, ..whole }
    };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Named("next.downsample.norm", &Graph::LayerNorm),
        Graph::Named("next.downsample.conv", &Graph::Conv { stride: 2 }),
        Graph::Named("next.blocks", &B::GRAPH),
        Graph::Named("next", &H::GRAPH),
    ]);

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut H::Output, scratch: &mut [f32]) {
        let (y, scratch) = split_array(scratch);
        self.downsample.norm.infer_in_place(x);
        self.downsample.conv.forward(x.as_flattened(), <[[f32; D]; M]>::flat_mut(y), scratch);
        self.blocks.infer(y, scratch);
        self.head.infer(y, output, scratch);
    }

    fn forward(
        &self,
        x: &mut [[f32; C]; N],
        output: &mut H::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (y, saved) = split_array(saved);
        let ([rstd, blocks], head) = Layout([N, B::COST.saved]).split(saved);
        self.downsample.forward(x, <[[f32; D]; M]>::flat_mut(y), rstd, scratch);
        self.blocks.forward(y, blocks, scratch, &pass.child(0));
        self.head.forward(y, output, head, scratch, &pass.child(1).after(B::COST.depth));
    }

    fn backward(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        doutput: &H::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (y, saved) = split_array(saved);
        let ([rstd, blocks], head) = Layout([N, B::COST.saved]).split(saved);
        let parts = Layout([Downsample::<C, D, K, W>::TRAINABLE, B::TRAINABLE]);
        let ([grad_downsample, grad_blocks], grad_head) = parts.split(grad);
        self.head.backward(grad_head, y, doutput, head, scratch, &pass.child(1).after(B::COST.depth));
        self.blocks.backward(grad_blocks, y, blocks, scratch, &pass.child(0));
        self.downsample.backward(grad_downsample, x, rstd, <[[f32; D]; M]>::flat(y), scratch);
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        x: &mut [[f32; C]; N],
        doutput: &H::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (y, saved) = split_array(saved);
        let ([rstd, blocks], head) = Layout([N, B::COST.saved]).split(saved);
        self.head.backward_update(update, y, doutput, head, scratch, &pass.child(1).after(B::COST.depth));
        self.blocks.backward_update(update, y, blocks, scratch, &pass.child(0));
        update.apply(&mut self.downsample, |downsample, grad| {
            downsample.backward(grad, x, rstd, <[[f32; D]; M]>::flat(y), scratch);
        });
    }
}
