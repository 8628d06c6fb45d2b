//! The lambda layer in the place of token mixing.

use super::branch::Normed;
use super::{Branch, ChannelMixing, PreNormResidual, ResidualPair};
use crate::core::layout::{front, tokens};
use crate::core::size::{Cost, max};
use crate::nn::graph::Graph;
use crate::nn::layer::{Gelu, Lambda};
use crate::nn::pass::Pass;

/// A Mixer block whose tokens are mixed by a [`Lambda`] layer.
///
/// - `N`: tokens
/// - `C`: channels
/// - `HEADS`, `K`, `V`, `U`, `R`: of the [`Lambda`] layer; `V` is `C` / `HEADS`
/// - `H`: hidden units of the channel mixing
/// - `A`: its activation
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

/// Dropout acts on the output, as it does on that of token mixing.
impl<const N: usize, const C: usize, const HEADS: usize, const K: usize, const V: usize, const U: usize, const R: usize>
    Branch<N, C> for Lambda<N, C, HEADS, K, V, U, R>
{
    /// The input for the gradients of the projections takes the scratch when everything else is done.
    const COST: Cost = {
        assert!(HEADS * V == C, "the heads must give the channels of the stream: choose V = C / HEADS");
        Cost { scratch: max(Self::COST.scratch, N * C), ..Self::COST }
    };
    const GRAPH: Graph = Graph::Lambda;

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
        let input = front(scratch, N * C);
        u.write_to(tokens(input));
        self.project_backward(grad, input, dy, saved);
    }
}
