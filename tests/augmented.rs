//! Windows that are changed in training: a device does so in scratch, a desktop before the trainer gets them.

mod common;

use common::modes::check_arena_of;
use common::{check_gradient_of, parameters, tensor};
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::{Augmentation, Augmented, Scaler, augmentation_key};
use trainlet::nn::block::{Block, MixerBlock};
use trainlet::nn::head::{FlatHead, Head, MeanHead};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{InceptionStem, Int8, PatchEmbedding, Stem};
use trainlet::optim::{Adam, AdamConfig, DogConfig, LayerDog, Optimizer, Redrawn, Schedule, Seed};
use trainlet::train::{Config, Learner, Online, Trainer, train_step};

const L: usize = 11;
/// Two sensors with three axes, and one with a single one.
const F: usize = 7;
const SEED: u64 = 5;
const STEPS: u32 = 4;

type Window = [[f32; F]; L];
type Bytes = [[i8; F]; L];
type Patches = PatchEmbedding<L, F, 3, 5>;
type Behind<S> = Net<4, 5, S, [MixerBlock<4, 5, 3, 4>; 2], MeanHead<5, 3>>;
type Plain = Behind<Patches>;
type Changed = Behind<Augmented<Patches, F>>;
type FromBytes = Behind<Int8<Augmented<Patches, F>, F>>;
type Moments = [f32; Plain::TRAINABLE];
type Batches<M, const ARENA: usize> = Trainer<M, CrossEntropy, Adam<Moments>, [f32; ARENA]>;
type Singles<M, const ARENA: usize> = Online<M, CrossEntropy, Adam<Moments>, [f32; ARENA]>;

const SCALER: Scaler<F> =
    Scaler { mean: [0.1, -0.2, 0.9, 0.0, 5.0, -3.0, 2.0], std: [0.3, 0.4, 0.2, 40.0, 25.0, 60.0, 0.5] };
const SCALE: [f32; F] = [0.01, 0.01, 0.02, 1.0, 0.9, 1.5, 0.03];

fn config<C>(optimizer: C) -> Config<CrossEntropy, C> {
    let config = Config::new(SEED, CrossEntropy::new(), optimizer, Schedule::constant(1e-2));
    Config { dropout: Dropout { p: 0.1 }, stochastic_depth: StochasticDepth { p: 0.2 }, ..config }
}

fn bytes(number: u32) -> Bytes {
    let mut random = Key::new(1, Purpose::Order).child(u64::from(number)).stream();
    core::array::from_fn(|_| core::array::from_fn(|_| random.bits() as i8))
}

/// Standardised, as a desktop does.
fn window(number: u32) -> Window {
    bytes(number).map(|row| {
        let mut row = core::array::from_fn(|f| SCALE[f] * f32::from(row[f]));
        SCALER.apply(&mut row);
        row
    })
}

/// As sample number `sample` of a step.
fn variant(number: u32, step: u32, sample: u32) -> Window {
    let (mut window, Scaler { mean, std }) = (window(number), SCALER);
    let key = augmentation_key(SEED, step, sample);
    Augmentation::SENSOR.apply(window.as_flattened_mut(), &mean, &std, &mut [0.0; L], key);
    window
}

/// Trains with `seen(number, step, sample)` and looks at `plain(number)` between the steps. Gives the weights and the last loss as bits.
fn trained<X: Learner<Input: Sized, Target = usize, Error: core::fmt::Debug>>(
    learner: &mut X,
    batch: u32,
    seen: impl Fn(u32, u32, u32) -> X::Input,
    plain: impl Fn(u32) -> X::Input,
) -> Vec<u32> {
    let mut bits = Vec::new();
    for step in 0..STEPS {
        let samples: Vec<_> = (0..batch).map(|sample| (seen(step * batch + sample, step, sample), 1)).collect();
        train_step(learner, samples.iter().map(|(input, class)| (input, class))).unwrap();
        bits = vec![learner.evaluate(&plain(step), &1).unwrap().loss.to_bits()];
    }
    learner.weights(&mut |_, weights| bits.extend(weights.iter().map(|w| w.to_bits()))).unwrap();
    bits
}

/// Ends as a trainer of the plain network does that gets the variants.
#[test]
fn a_device_draws_the_variants_of_a_desktop() {
    let mut by_hand = Box::new(Batches::<Plain, { Plain::ARENA }>::ZERO);
    by_hand.init(config(AdamConfig::adamw(0.01))).unwrap();
    let expected = trained(&mut *by_hand, 3, variant, window);

    let mut device = Box::new(Batches::<Changed, { Changed::ARENA }>::ZERO);
    device.weights.stem.set(Augmentation::SENSOR, SCALER).unwrap();
    device.init(config(AdamConfig::adamw(0.01))).unwrap();
    assert!(trained(&mut *device, 3, |number, _, _| window(number), window) == expected);

    let mut device = Box::new(Batches::<FromBytes, { FromBytes::ARENA }>::ZERO);
    device.weights.stem.set(SCALE, SCALER.mean, SCALER.std).unwrap();
    device.weights.stem.stem.set(Augmentation::SENSOR, SCALER).unwrap();
    device.init(config(AdamConfig::adamw(0.01))).unwrap();
    assert!(trained(&mut *device, 3, |number, _, _| bytes(number), bytes) == expected);

    by_hand.init(config(AdamConfig::adamw(0.01))).unwrap();
    let unchanged = trained(&mut *by_hand, 3, |number, _, _| window(number), window);
    assert!(unchanged != expected, "the variants are others than the windows");
}

/// Without a gradient buffer the stem changes its weights as it goes back.
#[test]
fn single_samples_are_changed_too() {
    let mut by_hand = Box::new(Singles::<Plain, { Plain::ONLINE_ARENA }>::ZERO);
    by_hand.init(config(AdamConfig::adam())).unwrap();
    let mut device = Box::new(Singles::<Changed, { Changed::ONLINE_ARENA }>::ZERO);
    device.weights.stem.set(Augmentation::SENSOR, SCALER).unwrap();
    device.init(config(AdamConfig::adam())).unwrap();
    let expected = trained(&mut *by_hand, 1, variant, window);
    assert!(trained(&mut *device, 1, |number, _, _| window(number), window) == expected);
}

/// Whoever walks an augmented network finds the leaves of the plain one: a start drawn again, a rate for each leaf.
#[test]
fn a_rate_for_each_leaf_has_room_for_the_stem() {
    assert_eq!((Changed::LEAVES, FromBytes::LEAVES), (Plain::LEAVES, Plain::LEAVES));
    fn moved<M: Model<Input = Window, Output = [f32; 3]>, O: Optimizer, const ARENA: usize>(
        optimizer: O::Config,
    ) -> Vec<u32> {
        let mut trainer = Box::new(Trainer::<M, CrossEntropy, O, [f32; ARENA]>::ZERO);
        trainer.init(config(optimizer)).unwrap();
        trained(&mut *trainer, 2, |number, _, _| window(number), window)
    }
    type Dog<M> = LayerDog<Redrawn<M>, { Plain::LEAVES }>;
    let dog = (DogConfig { start: 1e-2, ..DogConfig::new() }, Seed(SEED));
    let plain = moved::<Plain, Dog<Plain>, { Plain::ARENA }>(dog);
    assert!(plain == moved::<Changed, Dog<Changed>, { Changed::ARENA }>(dog));
}

/// With parameters by which everything shows, and with all changes.
fn prepared<const N: usize, S, B, H>() -> Box<Net<N, 5, Augmented<S, F>, B, H>>
where
    S: Stem<N, 5, Input = Window>,
    B: Block<N, 5>,
    H: Head<N, 5>,
{
    let mut net = parameters::<Net<N, 5, Augmented<S, F>, B, H>>(0.5);
    net.stem.set(Augmentation::SENSOR, SCALER).unwrap();
    net
}

/// A stem with less scratch of its own than a feature has positions, and one with more.
#[test]
fn gradients_and_arenas_are_right() {
    type Inception = InceptionStem<L, F, 2, 3, 12, 3, 5>;
    check_gradient_of::<Changed>(&mut prepared(), &tensor(0.1, 1.0), 0.2, 0.0);
    check_gradient_of::<Behind<Augmented<Inception, F>>>(&mut prepared(), &tensor(0.1, 1.0), 0.0, 0.0);
    type Alone<S> = Net<4, 5, Augmented<S, F>, (), FlatHead<4, 5, 2>>;
    check_arena_of::<Alone<Patches>>(&prepared());
    check_arena_of::<Alone<Inception>>(&prepared());
}
