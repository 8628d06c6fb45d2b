//~ the number of tokens is the number of patches: write N = L / P, rounded up
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type TooFewTokens = Net<7, 16, PatchEmbedding<42, 1, 3, 16>, [MixerBlock<7, 16, 14, 24>; 2], MeanHead<16, 1>>;

static ARENA: [f32; TooFewTokens::ARENA] = [0.0; TooFewTokens::ARENA];

fn main() {
    let _ = ARENA;
}
