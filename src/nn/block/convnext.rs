//! The ConvNeXt block.

use super::branch::Normed;
use super::{Block, Branch, ChannelMixing, max};
use crate::core::params::{Init, Params, Role};
use crate::core::tensor::Windows;
use crate::kernels::fast::{add_scaled, copy};
use crate::nn::layer::{Activation, All, DepthwiseConv1d, Gelu, LayerNorm, TokenMap, Trainable};
use crate::nn::pass::Pass;

/// `x + s layer_scale ⊙ mlp(norm(conv(x)))` (Liu et al. 2022, [arXiv 2201.03545](https://arxiv.org/abs/2201.03545)): a
/// depthwise convolution with `K` taps, LayerNorm, and channel mixing with `H` hidden units; s comes from stochastic depth.
///
/// The source starts the layer scale at 1e-6, for long runs of deep networks; a block that starts as good as absent learns
/// nothing in a short run, so this one starts at 1.
pub struct ConvNextBlock<const C: usize, const K: usize, const H: usize, A = Gelu, W = All> {
    /// `conv.weight [K][C]`, `conv.bias [C]`
    pub conv: DepthwiseConv1d<C, K, W>,
    /// `norm.weight [C]`, `norm.bias [C]`
    pub norm: LayerNorm<C>,
    /// `channel_mixing.0`, `channel_mixing.1`
    pub mlp: ChannelMixing<C, H, A, super::Keep, W>,
    /// `[C]`, the weight of each channel of the branch
    pub layer_scale: [f32; C],
}

crate::params! {
    [const C: usize, const K: usize, const H: usize, A, W: Trainable] ConvNextBlock<C, K, H, A, W> {
        conv: tree(DepthwiseConv1d<C, K, W>, "conv"),
        norm: tree(LayerNorm<C>, "norm"),
        mlp: tree(ChannelMixing<C, H, A, super::Keep, W>, "channel_mixing"),
        layer_scale: leaf(Role::Norm, [C], Init::Constant(1.0)),
    }
}

/// The input, x̂ and 1/σ of the normalisation, and the output of the branch before its scale; the branch's own follow.
type Saved<const N: usize, const C: usize> = ([[f32; C]; N], [[f32; C]; N], [f32; N], [[f32; C]; N]);
/// The gradient of the branch's output, which becomes that of the convolution's.
type Scratch<const N: usize, const C: usize> = ([[f32; C]; N],);

impl<const C: usize, const K: usize, const H: usize, A: Activation, W: Trainable> ConvNextBlock<C, K, H, A, W> {
    /// `y += factor layer_scale ⊙ branch`
    fn add_branch(&self, y: &mut [[f32; C]], branch: &[[f32; C]], factor: f32) {
        for (y, branch) in y.iter_mut().zip(branch) {
            for ((y, branch), scale) in y.iter_mut().zip(branch).zip(&self.layer_scale) {
                *y += factor * (scale * branch);
            }
        }
    }

    /// The gradient `d` of the branch's output from that of the block, and what of it the layer scale gets.
    fn scale_gradient(
        &self,
        dscale: &mut [f32],
        dx: &[[f32; C]],
        branch: &[[f32; C]],
        d: &mut [[f32; C]],
        factor: f32,
    ) {
        for ((dx, branch), d) in dx.iter().zip(branch).zip(d) {
            let scales = self.layer_scale.iter().zip(&mut *dscale);
            for (((dx, branch), d), (scale, dscale)) in dx.iter().zip(branch).zip(d).zip(scales) {
                let dy = factor * dx;
                *dscale += dy * branch;
                *d = dy * scale;
            }
        }
    }
}

impl<const N: usize, const C: usize, const K: usize, const H: usize, A: Activation, W: Trainable> Block<N, C>
    for ConvNextBlock<C, K, H, A, W>
{
    const DEPTH: usize = 1;
    const SAVED: usize = Saved::<N, C>::LEN + <ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::SAVED;
    const SCRATCH: usize = Scratch::<N, C>::LEN
        + max(
            <DepthwiseConv1d<C, K, W> as TokenMap<N>>::SCRATCH,
            <ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::SCRATCH,
        );
    const INFER: usize = Scratch::<N, C>::LEN
        + max(
            <DepthwiseConv1d<C, K, W> as TokenMap<N>>::INFER,
            <ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::INFER,
        );
    const MACS: usize = N * K * C + 2 * N * C * H;
    const TRAIN_MACS: usize = <DepthwiseConv1d<C, K, W> as TokenMap<N>>::TRAIN_MACS
        + <ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let Some(((u,), scratch)) = Scratch::<N, C>::carve(scratch) else { return };
        TokenMap::<N>::infer(&self.conv, x.as_flattened(), u.as_flattened_mut(), scratch);
        self.norm.infer_in_place(u);
        Branch::<N, C>::infer(&self.mlp, u, scratch);
        self.add_branch(x, u, 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((input, normalized, rstd, u), saved)) = Saved::<N, C>::carve(saved) else { return };
        copy(input.as_flattened_mut(), x.as_flattened());
        TokenMap::<N>::infer(&self.conv, x.as_flattened(), normalized.as_flattened_mut(), scratch);
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, u);
        Branch::<N, C>::forward(&self.mlp, u, saved, scratch, &pass.child(1));
        self.add_branch(x, u, scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((input, normalized, rstd, u), saved)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((d,), scratch)) = Scratch::<N, C>::carve(scratch) else { return };
        let Some((dconv, grad)) = grad.split_at_mut_checked(DepthwiseConv1d::<C, K, W>::TRAINABLE) else { return };
        let Some((dnorm, grad)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
        let mlp = <ChannelMixing<C, H, A, super::Keep, W>>::TRAINABLE;
        let Some((dmlp, dscale)) = grad.split_at_mut_checked(mlp) else { return };
        self.scale_gradient(dscale, dx, u, d, scale);
        let normed = Normed { norm: &self.norm, normalized };
        Branch::<N, C>::backward(&self.mlp, dmlp, &normed, d, saved, scratch, &pass.child(1));
        self.norm.backward(dnorm, normalized, rstd, d);
        let (input, u) = (input.as_flattened(), u.as_flattened_mut());
        TokenMap::<N>::backward(&self.conv, dconv, input, d.as_flattened(), u, &mut [], scratch);
        add_scaled(dx.as_flattened_mut(), u, 1.0);
    }
}
