//! Linear maps of a stream that convolution blocks are made of.

use super::{Axis, Linear, Trainable};
use crate::core::layout::{Layout, split_at};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;

/// A linear map from a stream `[N tokens][IN channels]` to one of `[N][OUT]`, row-major: a convolution, or
/// [`Linear`] on each token, which is a pointwise convolution. A pair of maps is a map.
pub trait TokenMap<const N: usize>: Params {
    /// Channels of the input.
    const IN: usize;
    /// Channels of the output.
    const OUT: usize;
    /// Memory and computing. What is saved does not include the input.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;

    /// Evaluation: writes the output.
    fn infer(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]);

    /// Training: writes the output and keeps in `saved` what the backward pass needs beside `x`.
    fn forward(&self, x: &[f32], y: &mut [f32], saved: &mut [f32], scratch: &mut [f32]);

    /// Writes to `dx` the gradient with respect to `x`, the input of the forward pass, from that of the output; adds the
    /// parameters' gradients to `grad`.
    fn backward(&self, grad: &mut [f32], x: &[f32], dy: &[f32], dx: &mut [f32], saved: &mut [f32], scratch: &mut [f32]);
}

impl<const N: usize, const IN: usize, const OUT: usize, W: Trainable> TokenMap<N> for Linear<IN, OUT, W> {
    const IN: usize = IN;
    const OUT: usize = OUT;
    const COST: Cost = Cost::of::<Self>().with_macs(N * IN * OUT, if W::WEIGHTS { 3 } else { 2 });
    const GRAPH: Graph = Graph::Linear;

    fn infer(&self, x: &[f32], y: &mut [f32], _: &mut [f32]) {
        self.forward(Axis::Rows, x, y);
    }

    fn forward(&self, x: &[f32], y: &mut [f32], _: &mut [f32], _: &mut [f32]) {
        self.forward(Axis::Rows, x, y);
    }

    fn backward(&self, grad: &mut [f32], x: &[f32], dy: &[f32], dx: &mut [f32], _: &mut [f32], _: &mut [f32]) {
        Self::add_gradient(grad, Axis::Rows, x, dy);
        self.input_gradient(Axis::Rows, dy, dx);
    }
}

/// One map after the other.
impl<const N: usize, A: TokenMap<N>, B: TokenMap<N>> TokenMap<N> for (A, B) {
    const IN: usize = A::IN;
    const OUT: usize = B::OUT;
    const COST: Cost = {
        assert!(A::OUT == B::IN, "the second map takes other channels than the first gives");
        A::COST.then(B::COST).plus_saved(N * A::OUT).plus_scratch(N * A::OUT)
    };
    const GRAPH: Graph = Graph::List(&[A::GRAPH, B::GRAPH]);

    fn infer(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        let (between, scratch) = split_at(scratch, N * A::OUT);
        self.0.infer(x, between, scratch);
        self.1.infer(between, y, scratch);
    }

    fn forward(&self, x: &[f32], y: &mut [f32], saved: &mut [f32], scratch: &mut [f32]) {
        let ([between, first], second) = Layout([N * A::OUT, A::COST.saved]).split(saved);
        self.0.forward(x, between, first, scratch);
        self.1.forward(between, y, second, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        x: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        saved: &mut [f32],
        scratch: &mut [f32],
    ) {
        let ([between, first], second) = Layout([N * A::OUT, A::COST.saved]).split(saved);
        let (grad_first, grad_second) = split_at(grad, A::TRAINABLE);
        let (dbetween, scratch) = split_at(scratch, N * A::OUT);
        self.1.backward(grad_second, between, dy, dbetween, second, scratch);
        self.0.backward(grad_first, x, dbetween, dx, first, scratch);
    }
}
