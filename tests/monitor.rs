//! Every verdict, provoked.

use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor as _;
use trainlet::extra::monitor::{Health, Monitored, MonitoredConfig, Thresholds, Verdict, visit_path};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Bf16, Block8, Momentum, MomentumConfig, Optimizer, Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

type Mixer = Net<4, 6, PatchEmbedding<4, 3, 1, 6>, [MixerBlock<4, 6, 5, 9>; 3], MeanHead<6, 2>>;
const LEAVES: usize = 64;
type Watched<O> = Trainer<Mixer, CrossEntropy, Monitored<O, LEAVES>, [f32; Mixer::ARENA]>;
type F32Adam = Adam<[f32; Mixer::TRAINABLE]>;

/// Number `index` of samples whose class is that of the first axis's mean; with `noise`, one that has nothing to do with it.
fn sample(index: u64, noise: bool) -> ([[f32; 3]; 4], usize) {
    let mut random = Key::new(11, Purpose::Order).child(index).stream();
    let mut input = [[0.0; 3]; 4];
    input.flat_mut().iter_mut().for_each(|x| *x = 2.0 * random.uniform() - 1.0);
    let class = if noise {
        random.bits() as usize % 2
    } else {
        usize::from(input.iter().map(|frame| frame[0]).sum::<f32>() > 0.0)
    };
    (input, class)
}

fn epoch<O: Optimizer>(trainer: &mut Watched<O>, noise: bool) -> Health {
    epoch_with(trainer, noise, 0.125)
}

/// The same where each sample has this share of a step's loss: a factor on all gradients.
fn epoch_with<O: Optimizer>(trainer: &mut Watched<O>, noise: bool, share: f32) -> Health {
    let mut loss = 0.0;
    for step in 0..16 {
        for index in 0..8 {
            let (input, class) = sample(8 * step + index, noise);
            loss += trainer.accumulate(&input, &class, share).unwrap() / 128.0;
        }
        trainer.step();
    }
    trainer.end_epoch(loss)
}

fn start<O: Optimizer>(optimizer: O::Config, thresholds: Thresholds, lr: f32) -> Box<Watched<O>> {
    let mut trainer = Box::new(Watched::<O>::ZERO);
    let optimizer = MonitoredConfig::new(optimizer, thresholds);
    trainer.init(Config::new(1, CrossEntropy::new(), optimizer, Schedule::constant(lr))).unwrap();
    trainer
}

fn adam(lr: f32) -> Box<Watched<F32Adam>> {
    start(AdamConfig::adam(), Thresholds::adam(), lr)
}

/// Runs three epochs; the last verdict must be found by then.
fn three<O: Optimizer>(trainer: &mut Watched<O>, noise: bool) -> [Health; 3] {
    let healths = [(); 3].map(|()| epoch(trainer, noise));
    println!("{healths:#?}");
    healths
}

fn name(model: &Mixer, health: &Health) -> String {
    let mut name = String::new();
    visit_path(model, health.leaf.unwrap(), &mut |path| name = path.to_string());
    name
}

/// Changes every value of the leaves whose names begin like this.
fn change(model: &mut Mixer, wanted: &str, by: impl Fn(f32) -> f32) {
    model.walk(&mut |leaf, values| {
        if leaf.path.to_string().starts_with(wanted) {
            values.iter_mut().for_each(|value| *value = by(*value));
        }
    });
}

#[test]
fn a_network_that_learns_is_fine() {
    let mut trainer = adam(5e-3);
    let healths = three(&mut trainer, false);
    assert!(healths.iter().all(|health| health.verdict == Verdict::Fine), "{healths:?}");
    assert!(healths[1].improvement.unwrap() > 0.01 && healths[0].improvement.is_none());
    assert!(healths[2].ratio.unwrap() > 0.05);
    assert!(name(&trainer.weights, &healths[2]).starts_with("blocks.0."));
    assert_eq!(trainer.unmonitored(), 0);
}

#[test]
fn descent_that_learns_is_fine() {
    let healths = three(&mut start::<Sgd>(SgdConfig::default(), Thresholds::sgd(), 0.5), false);
    assert!(healths.iter().all(|health| health.verdict == Verdict::Fine), "{healths:?}");
}

/// A head and a normalisation before it that are both zero: nothing ever comes back through them.
#[test]
fn a_gradient_that_does_not_get_there_vanishes() {
    let mut trainer = adam(5e-3);
    change(&mut trainer.weights, "head.weight", |_| 0.0);
    change(&mut trainer.weights, "norm", |_| 0.0);
    let healths = three(&mut trainer, true);
    assert_eq!(healths.map(|health| health.verdict), [Verdict::Fine, Verdict::Vanish, Verdict::Vanish]);
    assert!(name(&trainer.weights, &healths[1]).starts_with("blocks.0."), "{}", name(&trainer.weights, &healths[1]));
}

/// Hidden units of the first block that are all far below zero: their matrix gets nothing, everything else does.
#[test]
fn the_one_leaf_that_stands_still_is_named() {
    let mut trainer = adam(1e-6);
    change(&mut trainer.weights, "blocks.0.token_mixing.0.bias", |_| -100.0);
    let healths = three(&mut trainer, true);
    assert_eq!(healths[1].verdict, Verdict::Vanish);
    assert_eq!(name(&trainer.weights, &healths[1]), "blocks.0.token_mixing.0.weight");
}

/// The gradient gets there, but a thousand times shorter than where it comes from.
#[test]
fn a_gradient_that_shrinks_on_its_way_vanishes() {
    let mut trainer = adam(1e-6);
    // What the last block's huge hidden values add to the stream is normalised, and all else becomes small beside it.
    change(&mut trainer.weights, "blocks.2.channel_mixing.0.bias", |_| 1e5);
    let healths = three(&mut trainer, true);
    assert!(healths[1].ratio.unwrap() < 1e-3);
    assert_eq!(healths[1].verdict, Verdict::Vanish);
}

/// Behind an ε that is large beside the gradients Adam's steps are short although these are not.
#[test]
fn a_matrix_that_hardly_moves_vanishes_whatever_its_gradient() {
    let mut trainer = start::<F32Adam>(AdamConfig { eps: 1.0, ..AdamConfig::adam() }, Thresholds::adam(), 1e-6);
    let health = three(&mut trainer, true)[1];
    assert!(health.movement.unwrap() < 0.05 && health.ratio.unwrap() > 1e-3, "{health:?}");
    assert_eq!(health.verdict, Verdict::Vanish);
    // What tells of it is the movement alone.
    let mut blind = Thresholds::adam();
    blind.movement = 0.0;
    let mut trainer = start::<F32Adam>(AdamConfig { eps: 1.0, ..AdamConfig::adam() }, blind, 1e-6);
    assert_eq!(three(&mut trainer, true)[1].verdict, Verdict::Plateau);
}

/// As short everywhere as in the first block, and from the beginning: only its length tells.
#[test]
fn a_gradient_of_as_good_as_nothing_vanishes() {
    for (share, verdict) in [(1e-9, Verdict::Vanish), (0.125, Verdict::Plateau)] {
        let mut trainer = start::<Sgd>(SgdConfig::default(), Thresholds::sgd(), 1e-6);
        let healths = [(); 2].map(|()| epoch_with(&mut trainer, true, share));
        assert!(healths[1].ratio.unwrap() > 1e-3, "{healths:?}");
        assert_eq!(healths[1].verdict, verdict);
    }
}

/// Descent has no length of its own for its steps: what counts is how far they went in the first epoch.
#[test]
fn descent_that_comes_to_a_halt_vanishes() {
    for (share, verdict) in [(1e-5, Verdict::Vanish), (1e-2, Verdict::Plateau)] {
        let mut trainer = start::<Sgd>(SgdConfig::default(), Thresholds::sgd(), 1e-6);
        let first = epoch_with(&mut trainer, true, 1.0);
        let second = epoch_with(&mut trainer, true, share);
        assert!(second.movement.unwrap() < 0.1 * first.movement.unwrap() && second.ratio.unwrap() > 1e-3);
        assert_eq!(second.verdict, verdict, "{second:?}");
    }
}

#[test]
fn weights_that_move_without_a_gain_are_on_a_plateau() {
    let healths = three(&mut adam(1e-6), true);
    assert_eq!(healths.map(|health| health.verdict), [Verdict::Fine, Verdict::Plateau, Verdict::Plateau]);
    assert!(healths[1].movement.unwrap() > 0.05);
}

/// Later than the third epoch there may be nothing left to learn.
#[test]
fn after_three_epochs_a_plateau_is_no_matter() {
    let mut trainer = adam(1e-6);
    three(&mut trainer, true);
    assert_eq!(epoch(&mut trainer, true).verdict, Verdict::Fine);
}

#[test]
fn a_gradient_beyond_all_bounds_explodes() {
    let mut trainer = start::<Sgd>(SgdConfig::default(), Thresholds::sgd(), 1e-3);
    change(&mut trainer.weights, "head.weight", |value| 1e5 * value);
    let health = epoch(&mut trainer, false);
    assert_eq!(health.verdict, Verdict::Explode, "{health:?}");
    assert!(health.leaf.is_some());
}

#[test]
fn a_gradient_that_is_not_finite_explodes_although_the_step_is_left_out() {
    let mut trainer = adam(1e-3);
    trainer.accumulate(&[[f32::NAN; 3]; 4], &0, 1.0).unwrap();
    assert!(!trainer.step().applied);
    let health = trainer.end_epoch(0.7);
    assert_eq!(health.verdict, Verdict::Explode);
    assert!(health.leaf.is_some());
    assert_eq!(adam(1e-3).end_epoch(f32::NAN).verdict, Verdict::Explode);
}

/// In the first step nothing comes back through a head that is zero.
#[test]
fn the_first_step_behind_a_zero_head_does_not_count() {
    let mut trainer = adam(5e-3);
    change(&mut trainer.weights, "head", |_| 0.0);
    let (input, class) = sample(0, false);
    trainer.accumulate(&input, &class, 1.0).unwrap();
    trainer.step();
    let health = trainer.end_epoch(0.7);
    assert_eq!((health.verdict, health.movement), (Verdict::Fine, None), "no leaf of a block was seen: {health:?}");
    let healths = three(&mut trainer, false);
    assert!(healths.iter().all(|health| health.verdict == Verdict::Fine));
}

fn same_bits<O: Optimizer>(config: O::Config) {
    let mut watched = start::<O>(config, Thresholds::adam(), 0.01);
    let mut silent = Box::new(Watched::<O>::ZERO);
    let off = MonitoredConfig { optimizer: config, thresholds: None };
    silent.init(Config::new(1, CrossEntropy::new(), off, Schedule::constant(0.01))).unwrap();
    let mut plain = Box::new(Trainer::<Mixer, CrossEntropy, O, [f32; Mixer::ARENA]>::ZERO);
    plain.init(Config::new(1, CrossEntropy::new(), config, Schedule::constant(0.01))).unwrap();
    for index in 0..10 {
        let (input, class) = sample(index, false);
        watched.accumulate(&input, &class, 1.0).unwrap();
        silent.accumulate(&input, &class, 1.0).unwrap();
        plain.accumulate(&input, &class, 1.0).unwrap();
        watched.step();
        silent.step();
        plain.step();
    }
    let crc = trainlet::core::checksum::crc32(&plain.weights);
    assert_eq!(trainlet::core::checksum::crc32(&watched.weights), crc);
    assert_eq!(trainlet::core::checksum::crc32(&silent.weights), crc);
}

#[test]
fn watching_changes_no_bit() {
    same_bits::<F32Adam>(AdamConfig::adam());
    same_bits::<F32Adam>(AdamConfig { weight_decay: trainlet::optim::WeightDecay::Coupled(0.1), ..AdamConfig::adam() });
    same_bits::<Adam<[Block8; Mixer::TRAINABLE.div_ceil(Block8::LEN)]>>(AdamConfig::adam());
    same_bits::<Adam<[Bf16; Mixer::TRAINABLE]>>(AdamConfig::adam());
    same_bits::<Momentum<[Block8; Mixer::TRAINABLE.div_ceil(Block8::LEN)]>>(MomentumConfig::new(0.9));
    same_bits::<Sgd>(SgdConfig::default());
}

/// The parts of the network come last to first, and each is watched all the same.
#[test]
fn without_a_gradient_buffer_it_watches_as_well() {
    let mut trainer = Online::<Mixer, CrossEntropy, Monitored<Sgd, LEAVES>, [f32; Mixer::ONLINE_ARENA]>::ZERO;
    let optimizer = MonitoredConfig::new(SgdConfig::default(), Thresholds::sgd());
    trainer.init(Config::new(1, CrossEntropy::new(), optimizer, Schedule::constant(0.05))).unwrap();
    let healths = [(); 2].map(|()| {
        let loss: f32 =
            (0..64).map(|index| sample(index, false)).map(|(x, y)| trainer.learn(&x, &y).unwrap().loss / 64.0).sum();
        trainer.end_epoch(loss)
    });
    assert!(healths.iter().all(|health| health.verdict == Verdict::Fine && health.ratio.is_some()));
    assert_eq!(name(&trainer.weights, &healths[1]), "embed.weight", "blocks are not told apart here");
    assert_eq!(trainer.unmonitored(), 0);
}

#[test]
fn what_is_asked_of_memory() {
    let leaf = (size_of::<Monitored<Sgd, 65>>() - size_of::<Monitored<Sgd, 64>>()) as i64;
    assert_eq!(leaf, 24);
    let plain = Trainer::<Mixer, CrossEntropy, F32Adam, [f32; Mixer::ARENA]>::BUDGET;
    assert_eq!(Watched::<F32Adam>::BUDGET.total - plain.total, 24 * LEAVES + 48);
    let mut few = Box::new(Trainer::<Mixer, CrossEntropy, Monitored<Sgd, 5>, [f32; Mixer::ARENA]>::ZERO);
    let optimizer = MonitoredConfig::new(SgdConfig::default(), Thresholds::sgd());
    few.init(Config::new(1, CrossEntropy::new(), optimizer, Schedule::constant(0.05))).unwrap();
    let (input, class) = sample(0, false);
    few.accumulate(&input, &class, 1.0).unwrap();
    few.step();
    let mut leaves = 0;
    few.weights.read(&mut |leaf, _| leaves += usize::from(leaf.trained));
    assert_eq!(few.unmonitored(), leaves - 5);
}
