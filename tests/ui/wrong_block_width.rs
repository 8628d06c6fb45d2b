//~ is no block for a stream of 14 tokens with 16 channels
//~ write the widths of the network in its blocks, too: `MixerBlock<14, 16, T, H>`
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type WidthsDiffer = Net<14, 16, PatchEmbedding<42, 1, 3, 16>, [MixerBlock<14, 12, 14, 24>; 2], MeanHead<16, 1>>;

static ARENA: [f32; WidthsDiffer::ARENA] = [0.0; WidthsDiffer::ARENA];

fn main() {
    let _ = ARENA;
}
