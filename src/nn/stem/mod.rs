//! Stems: from a sample to the token stream.

mod conv;
mod dense;
mod inception;
mod int8;
mod patch;
mod piecewise;
mod positioned;
mod statistics;

pub use conv::ConvStem;
pub use dense::DenseStem;
pub use inception::{Bottleneck, InceptionStem};
pub use int8::Int8;
pub use patch::PatchEmbedding;
pub use piecewise::Piecewise;
pub use positioned::Positioned;
pub use statistics::Statistics;

use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::pass::{Pass, Passes};
use crate::nn::update::InPlaceUpdate;

/// Writes the stream `[N tokens][C channels]` from a sample. Lengths are stated as a [`Block`](crate::nn::block::Block)
/// does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stem for a stream of {N} tokens with {C} channels",
    label = "this stem makes tokens of another stream",
    note = "write {C} for the channels of the stem, as in `PatchEmbedding<L, F, P, {C}>`, or give the network the channels of the stem"
)]
pub trait Stem<const N: usize, const C: usize>: Params {
    /// A sample.
    type Input;
    /// Each token depends on its own patch of the sample alone, so a hidden token hides its patch.
    const PATCHWISE: bool = false;
    /// Memory and computing. The sample itself is kept by the caller, and nobody needs the gradient with respect to it.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;

    /// Evaluation: writes the stream.
    fn infer(&self, input: &Self::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]);

    /// Training: writes the stream and keeps in `saved` what the backward pass needs beside the sample.
    fn forward(&self, input: &Self::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Adds the parameters' gradients to `grad`. `dx`, the gradient with respect to the stream, and `saved` may be
    /// overwritten; nobody needs the gradient with respect to the sample.
    fn backward(
        &self,
        grad: &mut [f32],
        input: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );

    /// The backward pass that changes the weights at once.
    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        update.apply(self, |stem, grad| stem.backward(grad, input, dx, saved, scratch, pass));
    }
}

/// A stem that can stand behind another part, which needs the gradient with respect to what this stem takes.
pub(crate) trait InnerStem<const N: usize, const C: usize>: Stem<N, C> {
    /// Multiply-accumulates of that gradient.
    const INPUT_MACS: usize;

    /// Writes the gradient with respect to the sample, right after [`backward`](Stem::backward), from what that left in `dx` and
    /// `scratch`.
    fn input_gradient(&self, dx: &mut [[f32; C]; N], dinput: &mut Self::Input, scratch: &mut [f32]);
}

/// A stem with a single token that can work on several samples side by side, each of them a row of its matrices. All of it is
/// as many times as long as there are samples; a sample's results have the same bits whichever others there are.
pub(crate) trait BatchStem<const C: usize>: Stem<1, C> {
    /// What [`forward`](Stem::forward) does, for a token of `x`, an input and a pass per sample.
    fn forward_batch(
        &self,
        inputs: &[Self::Input],
        x: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        passes: Passes,
    );

    /// What [`backward`](Stem::backward) does, the gradients added up in the order of the samples.
    fn backward_batch(
        &self,
        grad: &mut [f32],
        inputs: &[Self::Input],
        dx: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        passes: Passes,
    );
}
