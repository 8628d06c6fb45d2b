//! Heads: from the token stream to the outputs.

mod dense;
mod downsampled;
mod flat;
mod mean;
mod reconstruction;

pub use dense::DenseHead;
pub use downsampled::{Downsample, Downsampled};
pub use flat::FlatHead;
pub use mean::MeanHead;
pub use reconstruction::ReconstructionHead;

use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// Reads the stream `[N tokens][C channels]`. Lengths are stated as a [`Block`](crate::nn::block::Block) does.
pub trait Head<const N: usize, const C: usize>: Params {
    /// The outputs: logits or values.
    type Output: Tensor;
    /// Number of residual blocks inside.
    const DEPTH: usize = 0;
    /// `f32` kept from forward to backward, per sample.
    const SAVED: usize;
    /// `f32` needed while a training pass runs.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample, those of matrix products.
    const MACS: usize;
    /// The same for a training pass, forward and backward.
    const TRAIN_MACS: usize = 3 * Self::MACS;
    /// Length of the longest gradient that [`backward_update`](Self::backward_update) needs at a time.
    const UNIT: usize = Self::TRAINABLE;

    /// Evaluation: writes the outputs; the stream may be overwritten.
    fn infer(&self, x: &mut [[f32; C]; N], output: &mut Self::Output, scratch: &mut [f32]);

    /// Training: writes the outputs and keeps in `x` and `saved` what the backward pass needs.
    fn forward(
        &self,
        x: &mut [[f32; C]; N],
        output: &mut Self::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );

    /// Takes `x` as the forward pass left it and turns it into the gradient with respect to the stream, from the
    /// gradient `doutput`; adds the parameters' gradients to `grad`.
    fn backward(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        doutput: &Self::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );

    /// The backward pass that changes the weights as it goes.
    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        x: &mut [[f32; C]; N],
        doutput: &Self::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        updates.unit(self, |head, grad| head.backward(grad, x, doutput, saved, scratch, pass));
    }
}

/// A head on a single token that can work on several samples side by side, each of them a row of its matrices. It keeps nothing
/// but the stream and needs no scratch; a sample's results have the same bits whichever others there are.
pub trait BatchHead<const C: usize>: Head<1, C> {
    /// What [`forward`](Head::forward) does, for a token of `x` and an output per sample.
    fn forward_batch(&self, x: &mut [[f32; C]], outputs: &mut [Self::Output]);

    /// What [`backward`](Head::backward) does, the gradients added up in the order of the samples.
    fn backward_batch(&self, grad: &mut [f32], x: &mut [[f32; C]], doutputs: &[Self::Output]);
}
