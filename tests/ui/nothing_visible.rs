//~ no visible token, nothing to guess from: take 1 or more visible tokens
//~ all tokens are visible, nothing to guess: take fewer visible tokens than there are tokens
use trainlet::extra::masked::MaskedNet;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::ReconstructionHead;
use trainlet::nn::net::Model;
use trainlet::nn::stem::PatchEmbedding;

type Guess<const VISIBLE: usize> = MaskedNet<
    16,
    VISIBLE,
    12,
    PatchEmbedding<16, 6, 1, 12>,
    [MixerBlock<16, 12, 16, 24>; 1],
    (),
    ReconstructionHead<12, 6>,
>;

static NOTHING_TO_GUESS_FROM: [f32; Guess::<0>::ARENA] = [0.0; Guess::<0>::ARENA];
static NOTHING_TO_GUESS: [f32; Guess::<16>::ARENA] = [0.0; Guess::<16>::ARENA];

fn main() {}
