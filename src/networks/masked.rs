//! Pretexts of `watch-12x1` for masked pre-training in the memory of a board.

use crate::extra::masked::{Inputs, Latents, MaskedNet, Replace, Subset};
use crate::nn::block::MixerBlock;
use crate::nn::head::ReconstructionHead;
use crate::nn::stem::PatchEmbedding;

/// Stem and blocks of `watch-12x1`, half of whose tokens are visible; `D` mixes them with mask tokens, as `M` says. `P` values
/// of a hidden token are predicted, which `T` names.
type Masked<D, M, T, const P: usize> = MaskedNet<
    16,
    8,
    12,
    PatchEmbedding<16, 6, 1, 12>,
    [MixerBlock<16, 12, 16, 24>; 1],
    D,
    ReconstructionHead<12, P>,
    M,
    T,
>;

/// The pretext of `watch-12x1` with mask tokens in place of half of the tokens.
pub type Watch12x1Replaced = Masked<(), Replace, Inputs, 6>;
/// The pretext of `watch-12x1` whose blocks see only half of the tokens.
pub type Watch12x1Seen = Masked<[MixerBlock<16, 12, 16, 24>; 1], Subset, Inputs, 6>;
/// The pretext of `watch-12x1` with mask tokens, which predicts latents.
pub type Watch12x1Latents = Masked<(), Replace, Latents, 12>;
