//~ is no head for a stream of 16 tokens with 12 channels
//~ write 12 for the channels of the head, as in `MeanHead<12, K>`
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type WidthsDiffer = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16, 12, 16, 24>; 1], MeanHead<16, 7>>;

static ARENA: [f32; WidthsDiffer::ARENA] = [0.0; WidthsDiffer::ARENA];

fn main() {
    let _ = ARENA;
}
