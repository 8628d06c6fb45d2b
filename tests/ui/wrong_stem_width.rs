//~ is no stem for a stream of 16 tokens with 12 channels
//~ write 12 for the channels of the stem, as in `PatchEmbedding<L, F, P, 12>`
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type WidthsDiffer = Net<16, 12, PatchEmbedding<16, 6, 1, 16>, [MixerBlock<16, 12, 16, 24>; 1], MeanHead<12, 7>>;

static ARENA: [f32; WidthsDiffer::ARENA] = [0.0; WidthsDiffer::ARENA];

fn main() {
    let _ = ARENA;
}
