use trainlet::nn::block::{AlterStage, MixerBlock, ResNetBlock};
use trainlet::core::params::Params;

type Stage = AlterStage<ResNetBlock<12, 3>, MixerBlock<16, 12, 16, 24>, 3, 2, 0>;

static STAGE: Stage = Stage::ZERO;

fn main() {
    let _ = &STAGE;
}
