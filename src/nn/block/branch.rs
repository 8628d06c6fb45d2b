//! What stands inside a residual branch.

use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::layer::LayerNorm;
use crate::nn::pass::Pass;

/// A function from a stream `[N tokens][C channels]` to one of the same shape, computed in place: token mixing,
/// channel mixing or a layer of your own. [`PreNormResidual`](super::PreNormResidual) makes a block of it, whose leaves
/// have the names of [`Params::LABEL`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no residual branch in a stream of {N} tokens with {C} channels",
    label = "this branch is made for another stream",
    note = "a stream of {N} tokens with {C} channels takes `TokenMixing<{N}, ..>`, `ChannelMixing<{C}, ..>` and `Lambda<{N}, {C}, ..>`"
)]
pub trait Branch<const N: usize, const C: usize>: Params {
    /// Tokens that a training pass works on at a time: `N`, or fewer if the branch looks at each token by itself.
    const TOKENS: usize = N;
    /// Memory and computing. A branch that recomputes everything from its input saves nothing.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;

    /// Evaluation: `u` becomes f(u).
    fn infer(&self, u: &mut [[f32; C]], scratch: &mut [f32]);

    /// Training: `u` becomes f(u), and `saved` holds what the backward pass needs beside `u`.
    fn forward(&self, u: &mut [[f32; C]], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// `dy`, the gradient with respect to f(u), becomes the one with respect to `u`, the input of the forward pass;
    /// adds the parameters' gradients to `grad`. `saved` may be overwritten.
    fn backward(
        &self,
        grad: &mut [f32],
        u: &Normed<C>,
        dy: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// The input of a branch, kept as the normalised stream that it comes from.
#[derive(Clone, Copy)]
pub struct Normed<'a, const C: usize> {
    pub(super) norm: &'a LayerNorm<C>,
    pub(super) normalized: &'a [[f32; C]],
}

impl<const C: usize> Normed<'_, C> {
    /// Writes all tokens.
    pub fn write_to(&self, u: &mut [[f32; C]]) {
        self.norm.affine(self.normalized, u);
    }

    /// Writes channels from number `first` on, in rows of `count`, one per token.
    pub fn write_channels_to(&self, u: &mut [f32], count: usize, first: usize) {
        self.norm.affine_columns(self.normalized, u, count, first);
    }
}
