//~ channel mixing of 16 channels stands in a network of 12: write ChannelMixing<12, H>
use trainlet::nn::block::{ChannelMixing, PreNormResidual};
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type WidthsDiffer =
    Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [PreNormResidual<ChannelMixing<16, 24>, 12>; 1], MeanHead<12, 7>>;

static ARENA: [f32; WidthsDiffer::ARENA] = [0.0; WidthsDiffer::ARENA];

fn main() {
    let _ = ARENA;
}
