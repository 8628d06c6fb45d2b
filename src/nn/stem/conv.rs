//! Patches that overlap, and a token for each position.

use super::Stem;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::layer::{All, Conv1d, Trainable};
use crate::nn::pass::Pass;

/// A convolution over a sample `[L positions][F features]` with `K` taps, one token every `STRIDE` positions: `⌈L / STRIDE⌉`
/// tokens of `C` channels, with zeros outside the sample, `(K - 1) / 2` of them before it.
///
/// `K > STRIDE` is patches that overlap; `STRIDE = 1`, with an odd `K`, a token for each position that knows its neighbours.
pub struct ConvStem<const L: usize, const F: usize, const K: usize, const STRIDE: usize, const C: usize, W = All> {
    /// `weight [C][K][F]`, `bias [C]`
    pub conv: Conv1d<F, C, F, K, STRIDE, W>,
}

crate::params! {
    [const L: usize, const F: usize, const K: usize, const STRIDE: usize, const C: usize, W: Trainable]
    ConvStem<L, F, K, STRIDE, C, W> {
        conv: tree(Conv1d<F, C, F, K, STRIDE, W>),
    }
}

impl<const N: usize, const L: usize, const F: usize, const K: usize, const STRIDE: usize, const C: usize, W: Trainable>
    Stem<N, C> for ConvStem<L, F, K, STRIDE, C, W>
{
    type Input = [[f32; F]; L];
    const COST: Cost = {
        assert!(
            N == Conv1d::<F, C, F, K, STRIDE, W>::tokens(L),
            "the number of tokens is the number of steps: write N = L / STRIDE, rounded up"
        );
        Cost::of::<Self>().with_macs(N * K * F * C, if W::WEIGHTS { 2 } else { 1 }).plus_scratch(Conv1d::<
            F,
            C,
            F,
            K,
            STRIDE,
            W,
        >::forward_scratch(
            L
        ))
    };
    const GRAPH: Graph = Graph::Sequence(&[Graph::Reshape { tokens: L, channels: F }, Graph::Conv { stride: STRIDE }]);

    fn infer(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.conv.forward(input.as_flattened(), x.as_flattened_mut(), scratch);
    }

    fn forward(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
        self.infer(input, x, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &[[f32; F]; L],
        dx: &mut [[f32; C]; N],
        _: &mut [f32],
        scratch: &mut [f32],
        _: &Pass,
    ) {
        self.conv.add_gradient(grad, input.as_flattened(), dx.as_flattened(), scratch);
    }
}
