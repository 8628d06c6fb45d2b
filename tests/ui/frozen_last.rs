//~ the stem is trained although blocks after it are frozen: write Frozen<..> around the stem as well
use trainlet::nn::block::{Frozen, MixerBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type TrainedBelow = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, Frozen<[MixerBlock<16, 12, 16, 24>; 2]>, MeanHead<12, 7>>;

static ARENA: [f32; TrainedBelow::ARENA] = [0.0; TrainedBelow::ARENA];

fn main() {
    let _ = ARENA;
}
