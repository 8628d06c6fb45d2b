//~ a branch that keeps nothing is needed: give `Recompute` to the branch as well
use trainlet::nn::block::{ChannelMixing, Keep, PreNormResidual, Recompute};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Half = PreNormResidual<ChannelMixing<12, 24, Gelu, Keep>, 12, Recompute>;
type Mismatch = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [Half; 2], MeanHead<12, 7>>;

static ARENA: [f32; Mismatch::ARENA] = [0.0; Mismatch::ARENA];

fn main() {
    let _ = ARENA;
}
