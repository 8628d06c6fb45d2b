//~ `weight` of `Conv1d<IN, OUT, PER_GROUP, K, STRIDE, W>` has no values
//~ `weight` of `DepthwiseConv1d<C, K, W>` has no values
use trainlet::nn::block::{ResNetBlock, SeparableBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Of<B> = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, B, MeanHead<12, 7>>;
type Dense = Of<ResNetBlock<12, 0>>;
type Separable = Of<SeparableBlock<12, 24, 0>>;

static DENSE: [f32; Dense::ARENA] = [0.0; Dense::ARENA];
static SEPARABLE: [f32; Separable::ARENA] = [0.0; Separable::ARENA];

fn main() {}
