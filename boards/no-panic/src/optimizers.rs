//! Optimisers around others, with every state and every anchor.

use core::hint::black_box;

use trainlet::core::params::Params as _;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model as _, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{
    Adam, Anchor, Averaged, Bf16, Block8, Copied, LayerDog, Lion, Optimizer, Proximal, Redrawn, ScheduleFree,
    SecondOnly, Sgd, State, Stored,
};
use trainlet::train::{Config, Delta, Trainer, limit_delta};

use crate::Memory;
use crate::learners::learn;

type Small = Net<7, 6, PatchEmbedding<7, 2, 1, 6>, [MixerBlock<7, 6, 5, 9>; 1], MeanHead<6, 3>>;
const N: usize = Small::TRAINABLE;
type Weights = [f32; N];

pub fn all(memory: &Memory) {
    stored_in::<Weights>(memory);
    stored_in::<[Bf16; N]>(memory);
    stored_in::<[Block8; N.div_ceil(32)]>(memory);
    train::<ScheduleFree<Sgd, Weights>>(memory);
    anchored::<Copied<Weights>>(memory);
    anchored::<Stored<Small>>(memory);
    anchored::<Redrawn<Small>>(memory);
}

fn stored_in<S: State>(memory: &Memory) {
    train::<Lion<S>>(memory);
    train::<ScheduleFree<Adam<SecondOnly<S>>, Weights>>(memory);
}

fn anchored<A: Anchor>(memory: &Memory) {
    let (clip, noise) = *memory.value();
    if let Ok(delta) = Delta::new(clip, noise, *memory.value()) {
        black_box(limit_delta(memory.value::<Small>(), memory.value::<A>(), delta));
    }
    train::<Proximal<Adam<Weights>, A>>(memory);
    train::<Proximal<ScheduleFree<Sgd, Weights>, A>>(memory);
    train::<ScheduleFree<Proximal<Sgd, A>, Weights>>(memory);
    train::<LayerDog<A, { Small::LEAVES }>>(memory);
    train::<Averaged<LayerDog<A, { Small::LEAVES }>, Weights>>(memory);
}

fn train<O: Optimizer>(memory: &Memory) {
    let trainer = memory.value::<Trainer<Small, CrossEntropy, O, [f32; Small::ARENA]>>();
    let settings = memory.value::<O::Config>();
    let config = memory.value::<Config<CrossEntropy, ()>>().with_optimizer(|()| *settings);
    black_box(trainer.init(config.clipped(1.0)).is_ok());
    learn(memory, trainer);
}
