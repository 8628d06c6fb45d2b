//! Pretexts of `watch-12x1` for masked pre-training in the memory of a board.

use crate::extra::masked::{MaskedNet, Replace, Subset};
use crate::nn::block::MixerBlock;
use crate::nn::head::ReconstructionHead;
use crate::nn::stem::PatchEmbedding;

/// Stem and blocks of `watch-12x1`, half of whose tokens are visible; `D` mixes them with mask tokens, as `M` says.
type Masked<D, M> = MaskedNet<
    16,
    8,
    12,
    PatchEmbedding<16, 6, 1, 12>,
    [MixerBlock<16, 12, 16, 24>; 1],
    D,
    ReconstructionHead<12, 6>,
    M,
>;

/// The pretext of `watch-12x1` with mask tokens in place of half of the tokens.
pub type Watch12x1Replaced = Masked<(), Replace>;
/// The pretext of `watch-12x1` whose blocks see only half of the tokens.
pub type Watch12x1Seen = Masked<[MixerBlock<16, 12, 16, 24>; 1], Subset>;
