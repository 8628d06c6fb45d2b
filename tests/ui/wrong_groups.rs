//~ channels in and out must be whole groups: choose PER_GROUP so that IN / PER_GROUP divides OUT
use trainlet::nn::block::ResNextBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Uneven = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [ResNextBlock<12, 16, 3, 3>; 1], MeanHead<12, 7>>;

static ARENA: [f32; Uneven::ARENA] = [0.0; Uneven::ARENA];

fn main() {
    let _ = ARENA;
}
