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
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::kernels::arch::add_scaled;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// Reads the stream `[N tokens][C channels]`. Lengths are stated as a [`Block`](crate::nn::block::Block) does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no head for a stream of {N} tokens with {C} channels",
    label = "this head reads another stream",
    note = "write {C} for the channels of the head, as in `MeanHead<{C}, K>`, or give the network the channels of the head"
)]
pub trait Head<const N: usize, const C: usize>: Params {
    /// The outputs: logits or values.
    type Output: Tensor;
    /// Memory and computing; its depth is the number of residual blocks inside.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;

    /// Evaluation: writes the outputs; the stream may be overwritten.
    fn infer(&self, x: &mut [[f32; C]; N], output: &mut Self::Output, scratch: &mut [f32]);

    /// Evaluation as far as the last layer: the features that it reads, `scratch` as for [`infer`](Self::infer). Unless a head says
    /// otherwise, the mean over the tokens of the stream. The stream may be overwritten.
    fn features(&self, x: &mut [[f32; C]; N], features: &mut [f32; C], _scratch: &mut [f32]) {
        features.fill(0.0);
        x.iter().for_each(|token| add_scaled(features, token, 1.0 / N as f32));
    }

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
        update: &mut InPlaceUpdate,
        x: &mut [[f32; C]; N],
        doutput: &Self::Output,
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        update.apply(self, |head, grad| head.backward(grad, x, doutput, saved, scratch, pass));
    }
}

/// A head on a single token that can work on several samples side by side, each of them a row of its matrices. It keeps nothing
/// but the stream and needs no scratch; a sample's results have the same bits whichever others there are.
pub(crate) trait BatchHead<const C: usize>: Head<1, C> {
    /// What [`forward`](Head::forward) does, for a token of `x` and an output per sample.
    fn forward_batch(&self, x: &mut [[f32; C]], outputs: &mut [Self::Output]);

    /// What [`backward`](Head::backward) does, the gradients added up in the order of the samples.
    fn backward_batch(&self, grad: &mut [f32], x: &mut [[f32; C]], doutputs: &[Self::Output]);
}
