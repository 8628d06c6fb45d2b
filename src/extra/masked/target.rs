//! What is predicted of a hidden token.

use crate::core::layout::{front, split_array};
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::nn::block::Block;
use crate::nn::head::Head;
use crate::nn::layer::LayerNorm;
use crate::nn::stem::Stem;

/// What the head `H` predicts of a token, from the whole sample, the stem `S` and the blocks `B`.
pub(crate) trait Target<const N: usize, const C: usize, S: Stem<N, C>, B, H: Head<N, C>> {
    /// Values of a token that are predicted.
    const VALUES: usize;
    /// Values of the sample that a token stands for.
    const PATCH: usize;
    /// Memory and computing.
    const COST: Cost;

    /// Gives `loss` the values of all tokens. No gradient goes through them.
    fn with(stem: &S, blocks: &B, input: &S::Input, scratch: &mut [f32], loss: impl FnOnce(&[f32]) -> f32) -> f32;
}

/// The patch of the sample that the token stands for.
pub struct Inputs;

/// The token's latent: what stem and blocks make of it where they see the whole sample, normalised over its channels to mean 0
/// and variance 1. The weights are those of the moment, so there is no second network in memory; they learn from the guess
/// alone, and the target is taken as it is. The head is a [`ReconstructionHead<C, C>`](crate::nn::head::ReconstructionHead).
///
/// Predicting latents beside inputs is what Chen et al. 2025 ([arXiv 2502.03444](https://arxiv.org/abs/2502.03444)) do with those
/// of networks that were trained before; a target of the network's own without a gradient is that of Chen and He 2021
/// ([arXiv 2011.10566](https://arxiv.org/abs/2011.10566)).
pub struct Latents;

impl<const N: usize, const C: usize, S, B, H> Target<N, C, S, B, H> for Inputs
where
    S: Stem<N, C, Input: Tensor>,
    H: Head<N, C>,
{
    const VALUES: usize = {
        let patch = H::Output::LEN / N;
        assert!(
            patch > 0 && H::Output::LEN == N * patch && <S::Input as Tensor>::LEN.div_ceil(patch) == N,
            "the head guesses another number of values than a patch has: write ReconstructionHead<C, P> with P = positions \
             in a patch times features"
        );
        patch
    };
    const PATCH: usize = <Self as Target<N, C, S, B, H>>::VALUES;
    const COST: Cost = Cost::ZERO;

    fn with(_: &S, _: &B, input: &S::Input, _: &mut [f32], loss: impl FnOnce(&[f32]) -> f32) -> f32 {
        loss(input.flat())
    }
}

impl<const N: usize, const C: usize, S, B, H> Target<N, C, S, B, H> for Latents
where
    S: Stem<N, C, Input: Tensor>,
    B: Block<N, C>,
    H: Head<N, C, Output = [[f32; C]; N]>,
{
    const VALUES: usize = C;
    const PATCH: usize = {
        assert!(
            S::PATCHWISE || <S::Input as Tensor>::LEN.is_multiple_of(N),
            "a sample of this stem is no whole number of patches: take as many positions as make equal patches"
        );
        <S::Input as Tensor>::LEN.div_ceil(N)
    };
    const COST: Cost = {
        let whole = S::COST.then(B::COST).frozen().then(Cost::ZERO.plus_scratch(N)).plus_scratch(N * C);
        Cost { depth: 0, ..whole }
    };

    fn with(stem: &S, blocks: &B, input: &S::Input, scratch: &mut [f32], loss: impl FnOnce(&[f32]) -> f32) -> f32 {
        let (latents, scratch) = split_array::<[[f32; C]; N]>(scratch);
        stem.infer(input, latents, scratch);
        blocks.infer(latents, scratch);
        LayerNorm::normalize(latents, front(scratch, N));
        loss(latents.as_flattened())
    }
}
