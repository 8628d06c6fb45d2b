//! Residual blocks of convolutions with the activation before each (He et al. 2016,
//! [arXiv 1603.05027](https://arxiv.org/abs/1603.05027)).

use super::Block;
use super::stream_map::{First, NormActMap, Second, StreamMap, Third};
use crate::core::layout::{Layout, front, split_at};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::{add_scaled, copy, scaled};
use crate::nn::graph::Graph;
use crate::nn::layer::{All, Conv1d, DepthwiseConv1d, Linear, Relu};
use crate::nn::pass::Pass;

/// ResNet's block: LayerNorm, activation and convolution with `K` taps, twice.
pub type ResNetBlock<const C: usize, const K: usize, A = Relu, W = All> = PreActivation<
    NormActMap<First, C, Conv1d<C, C, C, K, 1, W>, A>,
    NormActMap<Second, C, Conv1d<C, C, C, K, 1, W>, A>,
>;

/// ResNeXt's bottleneck (Xie et al. 2017, [arXiv 1611.05431](https://arxiv.org/abs/1611.05431)): to `M` channels, a grouped
/// convolution with `K` taps where each channel sees `PER_GROUP`, and back to `C`.
pub type ResNextBlock<const C: usize, const M: usize, const PER_GROUP: usize, const K: usize, A = Relu, W = All> =
    PreActivation<
        (NormActMap<First, C, Linear<C, M, W>, A>, NormActMap<Second, M, Conv1d<M, M, PER_GROUP, K, 1, W>, A>),
        NormActMap<Third, M, Linear<M, C, W>, A>,
    >;

/// A depthwise-separable convolution (Chollet 2017, [arXiv 1610.02357](https://arxiv.org/abs/1610.02357)): to `E` channels, a
/// depthwise convolution with `K` taps, and back to `C`. `E` = `C` is the plain one, a multiple of it the inverted bottleneck
/// of MobileNetV2.
pub type SeparableBlock<const C: usize, const E: usize, const K: usize, A = Relu, W = All> = PreActivation<
    NormActMap<First, C, (Linear<C, E, W>, DepthwiseConv1d<E, K, W>), A>,
    NormActMap<Second, E, Linear<E, C, W>, A>,
>;

/// `x + s f(x)` where f is a chain of [`NormActMap`]s, with the last of them by itself, and s comes from stochastic depth. The sources
/// normalise over a batch; here it is LayerNorm over the channels of each token, because samples are processed one by one
/// and training on a device has no batch to take statistics from.
pub struct PreActivation<A, B> {
    /// All maps but the last.
    pub first: A,
    /// The last map.
    pub last: B,
}

crate::params! {
    [A: Params, B: Params] PreActivation<A, B> {
        first: tree(A),
        last: tree(B),
    }
}

/// Scratch holds the output of the branch, in the backward pass its gradient, which becomes that of the input, and between
/// them the gradient of the input of the last map.
impl<const N: usize, const C: usize, A: StreamMap<N>, B: StreamMap<N>> Block<N, C> for PreActivation<A, B> {
    const COST: Cost = {
        assert!(A::IN == C && B::OUT == C, "a residual branch must take and give the channels of the stream");
        assert!(A::OUT == B::IN, "the last map takes other channels than the one before it gives");
        Cost { max_grad: Self::TRAINABLE, depth: 1, ..A::COST.then(B::COST).plus_scratch(N * C + N * B::IN) }
    };
    const GRAPH: Graph = Graph::Residual(&Graph::Sequence(&[A::GRAPH, B::GRAPH]));

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let ([y, between], scratch) = Layout([N * C, N * B::IN]).split(scratch);
        copy(y, x.as_flattened());
        self.first.infer(y, between, scratch);
        self.last.infer(between, y, scratch);
        add_scaled(x.as_flattened_mut(), y, 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let (first, last) = split_at(saved, A::COST.saved);
        let (y, scratch) = split_at(scratch, N * C);
        let between = front(last, N * B::IN);
        copy(first, x.as_flattened());
        self.first.forward(first, between, scratch, &pass.child(1));
        self.last.forward(last, y, scratch, &pass.child(2));
        add_scaled(x.as_flattened_mut(), y, scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let (first, last) = split_at(saved, A::COST.saved);
        let (grad_first, grad_last) = split_at(grad, A::TRAINABLE);
        let ([dy, dbetween], scratch) = Layout([N * C, N * B::IN]).split(scratch);
        scaled(dy, dx.as_flattened(), scale);
        self.last.backward(grad_last, last, dy, dbetween, scratch, &pass.child(2));
        self.first.backward(grad_first, first, dbetween, dy, scratch, &pass.child(1));
        add_scaled(dx.as_flattened_mut(), dy, 1.0);
    }
}
