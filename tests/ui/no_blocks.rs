//~ there is nothing to keep: write 1 or more for EVERY and for SEGMENTS
//~ there is no block to reverse: write 1 or more for L
use trainlet::nn::block::{Checkpointed, MixerBlock, Reversible, ReversibleBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Of<B> = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, B, MeanHead<12, 7>>;
type NoSegments = Of<Checkpointed<MixerBlock<16, 12, 16, 24>, 2, 0>>;
type NothingReversible = Of<Reversible<ReversibleBlock<16, 6, 16, 24>, 0>>;

static NO_SEGMENTS: [f32; NoSegments::ARENA] = [0.0; NoSegments::ARENA];
static NOTHING_REVERSIBLE: [f32; NothingReversible::ARENA] = [0.0; NothingReversible::ARENA];

fn main() {}
