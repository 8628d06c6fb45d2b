use trainlet::nn::block::{MixerBlock, Recompute};
use trainlet::nn::layer::Gelu;
use trainlet::extra::masked::{Encoder, Subset};

type Blocks = [MixerBlock<16, 12, 16, 24, Gelu, Recompute>; 1];

fn encode<E: Encoder<16, 8, 12, Blocks>>() {}

fn main() {
    encode::<Subset>();
}
