//~ this block cannot work on some of its tokens
//~ any block works on all tokens: write `Replace` for `Subset`
use trainlet::core::params::Params;
use trainlet::extra::masked::{MaskedNet, Reconstruction, Subset};
use trainlet::nn::block::{MixerBlock, Recompute};
use trainlet::nn::head::ReconstructionHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::Sgd;
use trainlet::train::Trainer;

type Blocks = [MixerBlock<16, 12, 16, 24, Gelu, Recompute>; 1];
type Guess = MaskedNet<16, 8, 12, PatchEmbedding<16, 6, 1, 12>, Blocks, (), ReconstructionHead<12, 6>, Subset>;

static TRAINER: Trainer<Guess, Reconstruction, Sgd, [f32; 1000]> = Trainer::ZERO;

fn main() {
    let _ = &TRAINER;
}
