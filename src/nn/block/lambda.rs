//! The lambda layer in the place of token mixing.

use super::branch::Normed;
use super::{Branch, ChannelMixing, Label, PreNormResidual, ResidualPair, max};
use crate::nn::layer::{Gelu, Lambda};
use crate::nn::pass::Pass;

/// A Mixer block whose tokens are mixed by a [`Lambda`] layer: `HEADS` heads with queries of `K` values and outputs of `V` = `C`
/// / `HEADS`, intra-depth `U` and a window of `R` tokens, then channel mixing with `H` hidden units.
pub type LambdaBlock<
    const N: usize,
    const C: usize,
    const HEADS: usize,
    const K: usize,
    const V: usize,
    const U: usize,
    const R: usize,
    const H: usize,
    A = Gelu,
> = ResidualPair<PreNormResidual<Lambda<N, C, HEADS, K, V, U, R>, C>, PreNormResidual<ChannelMixing<C, H, A>, C>>;

impl<const N: usize, const C: usize, const HEADS: usize, const K: usize, const V: usize, const U: usize, const R: usize>
    Label for Lambda<N, C, HEADS, K, V, U, R>
{
    const NAME: &'static str = "lambda";
    const NORM: &'static str = "lambda_norm";
}

/// Dropout acts on the output, as it does on that of token mixing.
impl<const N: usize, const C: usize, const HEADS: usize, const K: usize, const V: usize, const U: usize, const R: usize>
    Branch<N, C> for Lambda<N, C, HEADS, K, V, U, R>
{
    const SAVED: usize = {
        assert!(HEADS * V == C, "the heads must give the channels of the stream: choose V = C / HEADS");
        Self::SAVED
    };
    /// The input for the gradients of the projections comes when the rest is through.
    const SCRATCH: usize = max(Self::BACKWARD, N * C);
    const INFER: usize = Self::INFER;
    const MACS: usize = Self::MACS;
    const TRAIN_MACS: usize = Self::TRAIN_MACS;

    fn infer(&self, u: &mut [[f32; C]], scratch: &mut [f32]) {
        self.infer(u.as_flattened_mut(), scratch);
    }

    fn forward(&self, u: &mut [[f32; C]], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.project(u.as_flattened(), saved);
        self.mix(u.as_flattened_mut(), saved, scratch);
        pass.dropout_rows(u.as_flattened_mut(), C);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        u: &Normed<C>,
        dy: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let dy = dy.as_flattened_mut();
        pass.dropout_rows(dy, C);
        self.mix_backward(grad, dy, saved, scratch);
        let Some(input) = scratch.get_mut(..N * C) else { return };
        u.write_to(input.as_chunks_mut().0);
        self.project_backward(grad, input, dy, saved);
    }
}
