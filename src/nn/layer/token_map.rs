//! Linear maps of a stream that convolution blocks are made of.

use super::{Axis, Linear, Trainable};
use crate::core::params::Params;
use crate::nn::block::max;

/// A linear map from a stream `[N tokens][IN channels]` to one of `[N][OUT]`, row-major: a convolution, or
/// [`Linear`] on each token, which is a pointwise convolution. A pair of maps is a map.
pub trait TokenMap<const N: usize>: Params {
    /// Channels of the input.
    const IN: usize;
    /// Channels of the output.
    const OUT: usize;
    /// `f32` kept from forward to backward beside the input, per sample.
    const SAVED: usize;
    /// `f32` needed while a training pass runs.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample.
    const MACS: usize;
    /// The same for a training pass, forward and backward.
    const TRAIN_MACS: usize;

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
    const SAVED: usize = 0;
    const SCRATCH: usize = 0;
    const INFER: usize = 0;
    const MACS: usize = N * IN * OUT;
    const TRAIN_MACS: usize = if W::WEIGHTS { 3 } else { 2 } * N * IN * OUT;

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
    const SAVED: usize = {
        assert!(A::OUT == B::IN, "the second map takes other channels than the first gives");
        N * A::OUT + A::SAVED + B::SAVED
    };
    const SCRATCH: usize = N * A::OUT + max(A::SCRATCH, B::SCRATCH);
    const INFER: usize = N * A::OUT + max(A::INFER, B::INFER);
    const MACS: usize = A::MACS + B::MACS;
    const TRAIN_MACS: usize = A::TRAIN_MACS + B::TRAIN_MACS;

    fn infer(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        let Some((between, scratch)) = scratch.split_at_mut_checked(N * A::OUT) else { return };
        self.0.infer(x, between, scratch);
        self.1.infer(between, y, scratch);
    }

    fn forward(&self, x: &[f32], y: &mut [f32], saved: &mut [f32], scratch: &mut [f32]) {
        let Some((between, saved)) = saved.split_at_mut_checked(N * A::OUT) else { return };
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
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
        let Some((between, saved)) = saved.split_at_mut_checked(N * A::OUT) else { return };
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some((grad_first, grad_second)) = grad.split_at_mut_checked(A::TRAINABLE) else { return };
        let Some((dbetween, scratch)) = scratch.split_at_mut_checked(N * A::OUT) else { return };
        self.1.backward(grad_second, between, dy, dbetween, second, scratch);
        self.0.backward(grad_first, x, dbetween, dx, first, scratch);
    }
}
