//~ a kernel needs a tap and a stride: write 1 or more for K and for STRIDE
//~ `weight` of `PatchEmbedding<L, F, P, C, W>` has no values
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{ConvStem, PatchEmbedding};

type Steps<const STRIDE: usize> = Net<16, 12, ConvStem<16, 6, 3, STRIDE, 12>, (), MeanHead<12, 7>>;
type Patches<const P: usize> = Net<16, 12, PatchEmbedding<16, 6, P, 12>, (), MeanHead<12, 7>>;

static NO_STRIDE: [f32; Steps::<0>::ARENA] = [0.0; Steps::<0>::ARENA];
static NO_PATCH: [f32; Patches::<0>::ARENA] = [0.0; Patches::<0>::ARENA];

fn main() {}
