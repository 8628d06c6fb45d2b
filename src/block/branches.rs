//! Two residual branches that make one block, and the Mixer block.

use super::{Block, ChannelMixing, PreNormResidual, TokenMixing, max};
use crate::layer::Gelu;
use crate::pass::Pass;

/// The block of an MLP-Mixer (Tolstikhin et al. 2021, [arXiv 2105.01601](https://arxiv.org/abs/2105.01601)) on `N`
/// tokens of `C` channels: token mixing with `T` hidden units, then channel mixing with `H` hidden units, each a
/// pre-norm residual.
pub type MixerBlock<const N: usize, const C: usize, const T: usize, const H: usize, A = Gelu> =
    Branches<PreNormResidual<TokenMixing<N, T, A>, C>, PreNormResidual<ChannelMixing<C, H, A>, C>>;

/// Two residual branches, one after the other, that count as one block: stochastic depth gives both the same rate and
/// draws for each by itself. Their leaves stand side by side under the block.
pub struct Branches<A, B> {
    /// The branch that comes first.
    pub first: A,
    /// The branch that works on what the first has left.
    pub second: B,
}

crate::params! {
    [A: crate::params::Params, B: crate::params::Params] Branches<A, B> {
        first: tree(A),
        second: tree(B),
    }
}

impl<const N: usize, const C: usize, A: Block<N, C>, B: Block<N, C>> Block<N, C> for Branches<A, B> {
    const DEPTH: usize = 1;
    const SAVED: usize = A::SAVED + B::SAVED;
    const SCRATCH: usize = max(A::SCRATCH, B::SCRATCH);
    const INFER: usize = max(A::INFER, B::INFER);
    const MACS: usize = A::MACS + B::MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.first.infer(x, scratch);
        self.second.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        self.first.forward(x, first, scratch, &pass.part(0));
        self.second.forward(x, second, scratch, &pass.part(1));
    }

    fn backward(&self, grad: &mut Self, dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        self.second.backward(&mut grad.second, dx, second, scratch, &pass.part(1));
        self.first.backward(&mut grad.first, dx, first, scratch, &pass.part(0));
    }
}
