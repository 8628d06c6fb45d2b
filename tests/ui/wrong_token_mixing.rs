//~ token mixing of 12 tokens stands in a network of 16: write MixerBlock<16, C, T, H>, or TokenMixing<16, T>
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type WidthsDiffer = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<12, 12, 16, 24>; 1], MeanHead<12, 7>>;

static ARENA: [f32; WidthsDiffer::ARENA] = [0.0; WidthsDiffer::ARENA];

fn main() {
    let _ = ARENA;
}
