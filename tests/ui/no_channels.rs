//~ a network needs a token and a channel: write 1 or more for N and for C
//~ `weight` of `Linear<IN, OUT, W>` has no values
//~ `weight` of `PatchEmbedding<L, F, P, C, W>` has no values
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Tokens<const N: usize> = Net<N, 12, PatchEmbedding<N, 6, 1, 12>, (), MeanHead<12, 7>>;
type Of<const F: usize, const H: usize, const K: usize> =
    Net<16, 12, PatchEmbedding<16, F, 1, 12>, [MixerBlock<16, 12, 16, H>; 1], MeanHead<12, K>>;

static NO_TOKENS: [f32; Tokens::<0>::ARENA] = [0.0; Tokens::<0>::ARENA];
static NO_FEATURES: [f32; Of::<0, 24, 7>::ARENA] = [0.0; Of::<0, 24, 7>::ARENA];
static NO_HIDDEN_UNITS: [f32; Of::<6, 0, 7>::ARENA] = [0.0; Of::<6, 0, 7>::ARENA];
static NO_CLASSES: [f32; Of::<6, 24, 0>::ARENA] = [0.0; Of::<6, 24, 0>::ARENA];

fn main() {}
