//! The way from pre-training to training in the same memory.

mod common;

use common::{flat, tensor};
use trainlet::core::params::Params;
use trainlet::extra::masked::{
    Latents, MaskedNet, PhaseLoss, Phases, Pretext, Reconstruction, Replace, Subset, read_shared, write_shared,
};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::{MeanHead, ReconstructionHead};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

type Stem = PatchEmbedding<4, 2, 1, 6>;
type Mixer = MixerBlock<4, 6, 5, 3>;
type Blocks = [Mixer; 2];
type Small = Net<4, 6, Stem, Blocks, MeanHead<6, 3>>;
/// Two of four tokens are visible, patches of one position with two features.
type Guess<D, E> = MaskedNet<4, 2, 6, Stem, Blocks, D, ReconstructionHead<6, 2>, E>;
type SmallA = Guess<(), Replace>;
type SmallC = Guess<[Mixer; 1], Subset>;
/// The same with latents of 6 channels for patches.
type SmallL = MaskedNet<4, 2, 6, Stem, Blocks, (), ReconstructionHead<6, 6>, Replace, Latents>;
type Both<P> = Phases<P, Small>;

#[test]
fn stem_and_blocks_have_the_same_names_in_pretext_and_classifier() {
    let names =
        |all: Vec<(String, f32)>| all.into_iter().take(SmallA::SHARED).map(|(name, _)| name).collect::<Vec<_>>();
    let [net, a, c] = [flat(&Small::ZERO), flat(&SmallA::ZERO), flat(&SmallC::ZERO)].map(names);
    assert_eq!(net, a);
    assert_eq!(net, c);
    assert!(net.iter().all(|name| name.starts_with("embed.") || name.starts_with("blocks.")));
    let rest: Vec<_> = flat(&Small::ZERO).into_iter().skip(SmallA::SHARED).map(|(name, _)| name).collect();
    assert!(rest.iter().all(|name| name.starts_with("norm.") || name.starts_with("head.")), "{rest:?}");
    assert_eq!(SmallA::SHARED, SmallC::SHARED);
}

fn samples() -> impl Iterator<Item = ([[f32; 2]; 4], usize)> {
    (0..120).map(|i| (tensor(0.37 * f64::from(i), 1.0), i as usize % 3))
}

fn config<L>(seed: u64, loss: L, lr: f32) -> Config<L, AdamConfig> {
    let mut config = Config::new(seed, loss, AdamConfig::adam(), Schedule::cosine(lr, 3, 30));
    config.dropout.p = 0.1;
    config.stochastic_depth.p = 0.2;
    config
}

fn weights<M: Params>(model: &M) -> Vec<u32> {
    flat(model).into_iter().map(|(_, value)| value.to_bits()).collect()
}

/// One trainer through both phases gives the bit-identical weights of two trainers with the weights carried over by hand.
macro_rules! both_phases {
    ($pretext:ty) => {{
        type Pretext = $pretext;
        type One = Trainer<
            Both<Pretext>,
            PhaseLoss<CrossEntropy>,
            Adam<[f32; Both::<Pretext>::TRAINABLE]>,
            [f32; Both::<Pretext>::ARENA],
        >;
        let mut one = Box::new(One::ZERO);
        let mut first =
            Trainer::<Pretext, Reconstruction, Adam<[f32; Pretext::TRAINABLE]>, [f32; Pretext::ARENA]>::ZERO;
        let mut second = Trainer::<Small, CrossEntropy, Adam<[f32; Small::TRAINABLE]>, [f32; Small::ARENA]>::ZERO;
        one.init(config(5, PhaseLoss::Unlabelled, 1e-2)).unwrap();
        first.init(config(5, Reconstruction, 1e-2)).unwrap();
        for (input, _) in samples() {
            let losses = [one.accumulate(&input, &None, 0.5), first.accumulate(&input, &(), 0.5)];
            assert_eq!(losses[0], losses[1]);
            assert!(one.accumulate(&input, &Some(1), 0.5).is_err(), "a label has no place in the first phase");
            assert_eq!(one.step(), first.step());
        }
        assert_eq!(weights(&one.weights), weights(&first.weights));
        let mut shared = vec![0.0; Pretext::SHARED];
        read_shared(&first.weights, &mut shared);

        one.fine_tune(config(6, PhaseLoss::Labelled(CrossEntropy::new()), 3e-3)).unwrap();
        second.init(config(6, CrossEntropy::new(), 3e-3)).unwrap();
        let drawn = weights(&second.weights);
        write_shared(&mut second.weights, &shared);
        assert_eq!(
            weights(&second.weights)[Pretext::SHARED..],
            drawn[Pretext::SHARED..],
            "the head is that of the seed"
        );
        assert_eq!(weights(&one.weights), weights(&second.weights));
        assert_eq!((one.steps(), one.samples()), (0, 0));
        for (input, class) in samples() {
            let losses = [one.accumulate(&input, &Some(class), 0.5), second.accumulate(&input, &class, 0.5)];
            assert_eq!(losses[0], losses[1]);
            assert!(one.accumulate(&input, &None, 0.5).is_err(), "no sample without a label in the second phase");
            assert_eq!(one.step(), second.step());
        }
        assert_eq!(weights(one.weights.classifier().unwrap()), weights(&second.weights));
        let (input, class) = samples().next().unwrap();
        assert_eq!(one.evaluate(&input, &Some(class)), second.evaluate(&input, &class));

        one.init(config(5, PhaseLoss::Unlabelled, 1e-2)).unwrap();
        assert!(one.weights.classifier().is_none(), "a new run begins with the first phase");
    }};
}

#[test]
fn one_trainer_goes_through_both_phases_and_keeps_stem_and_blocks_to_the_bit() {
    both_phases!(SmallA);
    both_phases!(SmallC);
    both_phases!(SmallL);
}

#[test]
fn both_phases_take_the_memory_of_the_larger_one() {
    macro_rules! check {
        ($pretext:ty) => {{
            type P = $pretext;
            type B = Both<P>;
            type One = Trainer<B, PhaseLoss<CrossEntropy>, Adam<[f32; B::TRAINABLE]>, [f32; B::ARENA]>;
            let first = Trainer::<P, Reconstruction, Adam<[f32; P::TRAINABLE]>, [f32; P::ARENA]>::BUDGET;
            let second = Trainer::<Small, CrossEntropy, Adam<[f32; Small::TRAINABLE]>, [f32; Small::ARENA]>::BUDGET;
            let both = One::BUDGET;
            // Which phase it is takes a word beside the weights.
            assert_eq!(both.weights, first.weights.max(second.weights) + 4);
            assert_eq!(both.gradients, first.gradients.max(second.gradients));
            assert_eq!(both.optimizer, first.optimizer.max(second.optimizer));
            let arena = |budget: trainlet::core::budget::Budget| budget.stream + budget.saved + budget.scratch;
            assert_eq!(arena(both), arena(first).max(arena(second)));
            assert_eq!(both.total, size_of::<One>());
            let roles = both.weights + both.gradients + both.optimizer + arena(both);
            assert!(both.total - roles == both.settings && both.settings < 128, "{both:?}");
        }};
    }
    check!(SmallA);
    check!(SmallC);
    check!(SmallL);
}

/// Updates without a gradient buffer find every leaf's place, the mask token's too, which lies before its time.
macro_rules! online {
    ($pretext:ty) => {{
        type P = $pretext;
        let config = || Config::new(4, Reconstruction, SgdConfig::default(), Schedule::constant(0.05));
        let mut online = Online::<P, Reconstruction, Sgd, [f32; P::ONLINE_ARENA]>::ZERO;
        let mut batch = Trainer::<P, Reconstruction, Sgd, [f32; P::ARENA]>::ZERO;
        online.init(config()).unwrap();
        batch.init(config()).unwrap();
        for (input, _) in samples() {
            online.learn(&input, &()).unwrap();
            batch.accumulate(&input, &(), 1.0).unwrap();
            batch.step();
        }
        assert_eq!(weights(&online.weights), weights(&batch.weights));
    }};
}

#[test]
fn online_updates_are_those_of_batches_of_one() {
    online!(SmallA);
    online!(SmallC);
    online!(SmallL);
}
