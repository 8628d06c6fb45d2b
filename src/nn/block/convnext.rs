//! The ConvNeXt block.

use super::branch::Normed;
use super::{Block, Branch, ChannelMixing};
use crate::core::layout::{Layout, split_at, tokens};
use crate::core::params::{Init, Params, Role};
use crate::core::size::Cost;
use crate::kernels::arch::{add_scaled, copy};
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, All, DepthwiseConv1d, Gelu, LayerNorm, TokenMap, Trainable};
use crate::nn::pass::Pass;

/// `x + s layer_scale ⊙ mlp(norm(conv(x)))` (Liu et al. 2022, [arXiv 2201.03545](https://arxiv.org/abs/2201.03545)): a
/// depthwise convolution with `K` taps, LayerNorm, and channel mixing with `H` hidden units; s comes from stochastic depth.
///
/// The source starts the layer scale at 1e-6, for long runs of deep networks; a block whose branch starts near 0 hardly
/// trains in a short run, so this one starts at 1.
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
const fn saved_layout(tokens: usize, channels: usize) -> Layout<4> {
    Layout([tokens * channels, tokens * channels, tokens, tokens * channels])
}

impl<const C: usize, const K: usize, const H: usize, A: Activation, W: Trainable> ConvNextBlock<C, K, H, A, W> {
    /// Of the gradient; that of the layer scale follows.
    const PARTS: Layout<3> = Layout([
        DepthwiseConv1d::<C, K, W>::TRAINABLE,
        LayerNorm::<C>::TRAINABLE,
        ChannelMixing::<C, H, A, super::Keep, W>::TRAINABLE,
    ]);

    /// `y += factor layer_scale ⊙ branch`
    fn add_branch(&self, y: &mut [[f32; C]], branch: &[[f32; C]], factor: f32) {
        for (y, branch) in y.iter_mut().zip(branch) {
            for ((y, branch), scale) in y.iter_mut().zip(branch).zip(&self.layer_scale) {
                *y += factor * (scale * branch);
            }
        }
    }

    /// The gradient `d` of the branch's output from that of the block, and the part of it that the layer scale gets.
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
    /// In scratch is the gradient of the branch's output, which becomes that of the convolution's.
    const COST: Cost = {
        let parts = <DepthwiseConv1d<C, K, W> as TokenMap<N>>::COST
            .then(<ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::COST)
            .plus_saved(saved_layout(N, C).total())
            .plus_scratch(N * C);
        Cost { max_grad: Self::TRAINABLE, depth: 1, ..parts }
    };
    const GRAPH: Graph = Graph::Residual(&Graph::Sequence(&[
        Graph::Named("conv", &Graph::DepthwiseConv),
        Graph::Named("norm", &Graph::LayerNorm),
        Graph::Named("channel_mixing", &<ChannelMixing<C, H, A, super::Keep, W> as Branch<N, C>>::GRAPH),
        Graph::Scale("layer_scale"),
    ]));

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let (u, scratch) = split_at(scratch, N * C);
        TokenMap::<N>::infer(&self.conv, x.as_flattened(), u, scratch);
        let u = tokens(u);
        self.norm.infer_in_place(u);
        Branch::<N, C>::infer(&self.mlp, u, scratch);
        self.add_branch(x, u, 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([input, normalized, rstd, u], saved) = saved_layout(N, C).split(saved);
        copy(input, x.as_flattened());
        TokenMap::<N>::infer(&self.conv, x.as_flattened(), normalized, scratch);
        let (normalized, u) = (tokens(normalized), tokens(u));
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, u);
        Branch::<N, C>::forward(&self.mlp, u, saved, scratch, &pass.child(1));
        self.add_branch(x, u, scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([input, normalized, rstd, u], saved) = saved_layout(N, C).split(saved);
        let (d, scratch) = split_at(scratch, N * C);
        let (normalized, u, d) = (tokens(normalized), tokens(u), tokens(d));
        let ([dconv, dnorm, dmlp], dscale) = Self::PARTS.split(grad);
        self.scale_gradient(dscale, dx, u, d, scale);
        let normed = Normed { norm: &self.norm, normalized };
        Branch::<N, C>::backward(&self.mlp, dmlp, &normed, d, saved, scratch, &pass.child(1));
        self.norm.backward(dnorm, normalized, rstd, d);
        let u = u.as_flattened_mut();
        TokenMap::<N>::backward(&self.conv, dconv, input, d.as_flattened(), u, &mut [], scratch);
        add_scaled(dx.as_flattened_mut(), u, 1.0);
    }
}
