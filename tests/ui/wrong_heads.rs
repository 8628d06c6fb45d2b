//~ the heads must give the channels of the stream: choose V = C / HEADS
use trainlet::nn::block::LambdaBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Lost = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [LambdaBlock<16, 12, 5, 8, 2, 1, 31, 24>; 1], MeanHead<12, 7>>;

static ARENA: [f32; Lost::ARENA] = [0.0; Lost::ARENA];

fn main() {
    let _ = ARENA;
}
