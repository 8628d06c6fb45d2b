//~ every mixing block needs a convolution before it: choose 2 MIXING <= BLOCKS
use trainlet::core::params::Params;
use trainlet::nn::block::{AlterStage, MixerBlock, ResNetBlock};

type Stage = AlterStage<ResNetBlock<12, 3>, MixerBlock<16, 12, 16, 24>, 3, 2, 0>;

static STAGE: Stage = Stage::ZERO;

fn main() {
    let _ = &STAGE;
}
