//! A further stage of a network, on fewer tokens with other channels.

use super::Head;
use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::kernels::fast::copy;
use crate::nn::block::{Block, max};
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
    /// `f32` of a backward pass: the input of the convolution, its gradient, and what the convolution needs.
    const fn scratch(tokens: usize) -> usize {
        2 * tokens * C + Conv1d::<C, D, C, K, 2, W>::backward_scratch(tokens)
    }

    /// `x` becomes x̂, what the backward pass needs beside 1/σ.
    fn forward(&self, x: &mut [[f32; C]], y: &mut [f32], rstd: &mut [f32], scratch: &mut [f32]) {
        let Some((u, scratch)) = scratch.split_at_mut_checked(x.len() * C) else { return };
        LayerNorm::normalize(x, rstd);
        self.norm.affine(x, u.as_chunks_mut().0);
        self.conv.forward(u, y, scratch);
    }

    /// `x`, left as x̂, becomes the gradient of the input.
    fn backward(&self, grad: &mut [f32], x: &mut [[f32; C]], rstd: &[f32], dy: &[f32], scratch: &mut [f32]) {
        let Some((u, scratch)) = scratch.split_at_mut_checked(x.len() * C) else { return };
        let Some((dx, scratch)) = scratch.split_at_mut_checked(x.len() * C) else { return };
        let Some((grad_norm, grad_conv)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
        self.norm.affine(x, u.as_chunks_mut().0);
        self.conv.backward(grad_conv, u, dy, dx, scratch);
        self.norm.backward(grad_norm, x, rstd, dx.as_chunks_mut().0);
        copy(x.as_flattened_mut(), dx);
    }
}

/// What is kept, cut: 1/σ of the tokens that come in, the new stream, and what blocks and head keep.
struct Kept<'a, const M: usize, const D: usize> {
    rstd: &'a mut [f32],
    y: &'a mut [[f32; D]; M],
    blocks: &'a mut [f32],
    head: &'a mut [f32],
}

impl<const M: usize, const D: usize> Kept<'_, M, D> {
    fn cut<B: Block<M, D>>(saved: &mut [f32], tokens: usize) -> Option<Kept<'_, M, D>> {
        let (rstd, saved) = saved.split_at_mut_checked(tokens)?;
        let (y, saved) = Tensor::split_from(saved)?;
        let (blocks, head) = saved.split_at_mut_checked(B::SAVED)?;
        Some(Kept { rstd, y, blocks, head })
    }
}

impl<const N: usize, const C: usize, const M: usize, const D: usize, const K: usize, B, H, W> Head<N, C>
    for Downsampled<C, M, D, K, B, H, W>
where
    B: Block<M, D>,
    H: Head<M, D>,
    W: Trainable,
{
    type Output = H::Output;
    const DEPTH: usize = B::DEPTH + H::DEPTH;
    const SAVED: usize = {
        assert!(M == N.div_ceil(2), "the stride halves the tokens: write M = N / 2, rounded up");
        assert!(!B::FROZEN, "a frozen block behind a convolution that is trained: freeze everything before it as well");
        N + M * D + B::SAVED + H::SAVED
    };
    const SCRATCH: usize = max(Downsample::<C, D, K, W>::scratch(N), max(B::SCRATCH, H::SCRATCH));
    const INFER: usize = M * D + max(Conv1d::<C, D, C, K, 2, W>::forward_scratch(N), max(B::INFER, H::INFER));
    const MACS: usize = M * K * C * D + B::MACS + H::MACS;
    const TRAIN_MACS: usize = if W::WEIGHTS { 3 } else { 2 } * M * K * C * D + B::TRAIN_MACS + H::TRAIN_MACS;
    const UNIT: usize = max(Downsample::<C, D, K, W>::TRAINABLE, max(B::UNIT, H::UNIT));

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut H::Output, scratch: &mut [f32]) {
        let Some((y, scratch)) = <[[f32; D]; M]>::split_from(scratch) else { return };
        self.downsample.norm.infer_in_place(x);
        self.downsample.conv.forward(x.as_flattened(), y.as_flattened_mut(), scratch);
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
        let Some(Kept { rstd, y, blocks, head }) = Kept::cut::<B>(saved, N) else { return };
        self.downsample.forward(x, y.as_flattened_mut(), rstd, scratch);
        self.blocks.forward(y, blocks, scratch, &pass.child(0));
        self.head.forward(y, output, head, scratch, &pass.child(1).after(B::DEPTH));
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
        let Some(Kept { rstd, y, blocks, head }) = Kept::cut::<B>(saved, N) else { return };
        let Some((grad_downsample, grad)) = grad.split_at_mut_checked(Downsample::<C, D, K, W>::TRAINABLE) else {
            return;
        };
        let Some((grad_blocks, grad_head)) = grad.split_at_mut_checked(B::TRAINABLE) else { return };
        self.head.backward(grad_head, y, doutput, head, scratch, &pass.child(1).after(B::DEPTH));
        self.blocks.backward(grad_blocks, y, blocks, scratch, &pass.child(0));
        self.downsample.backward(grad_downsample, x, rstd, y.as_flattened(), scratch);
    }

    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        x: &mut [[f32; C]; N],
        doutput: &H::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some(Kept { rstd, y, blocks, head }) = Kept::cut::<B>(saved, N) else { return };
        self.head.backward_update(updates, y, doutput, head, scratch, &pass.child(1).after(B::DEPTH));
        self.blocks.backward_update(updates, y, blocks, scratch, &pass.child(0));
        updates.unit(&mut self.downsample, |downsample, grad| {
            downsample.backward(grad, x, rstd, y.as_flattened(), scratch);
        });
    }
}
