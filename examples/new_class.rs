//! A class that nobody has thought of: a network that tells three motions apart is shown a fourth by its user, five windows of it. The
//! nearest class mean knows it at once, without training; a head with a class in reserve learns it in a few steps.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use static_cell::ConstStaticCell;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::extra::prototypes::Prototypes;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::OpenCrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

const STEPS: usize = 16;
const AXES: usize = 3;
const CHANNELS: usize = 8;
const NAMES: [&str; SLOTS] = ["rest", "shaken", "turned", "knocked"];
/// Classes that the network is trained with, and those that it has room for.
const KNOWN: usize = 3;
const SLOTS: usize = 4;

/// `[step][axis]`, in g.
type Window = [[f32; AXES]; STEPS];
type Motion = Net<
    STEPS,
    CHANNELS,
    PatchEmbedding<STEPS, AXES, 1, CHANNELS>,
    [MixerBlock<STEPS, CHANNELS, 8, 16>; 1],
    MeanHead<CHANNELS, SLOTS>,
>;
type MotionTrainer = Trainer<Motion, OpenCrossEntropy, Adam<[f32; Motion::TRAINABLE]>, [f32; Motion::ARENA]>;

static TRAINER: ConstStaticCell<MotionTrainer> = ConstStaticCell::new(MotionTrainer::ZERO);

const BATCH: u32 = 16;
const UPDATES: u32 = 200;
/// Windows that a class is shown with.
const SHOWN: u32 = 5;
/// Steps with the new class.
const MORE: u32 = 40;

entry!(start);

fn start() {
    let trainer = TRAINER.take();
    say!("{} weights, {} bytes of RAM in all", Motion::COUNT, MotionTrainer::BUDGET.total);
    let known = OpenCrossEntropy::new(KNOWN as u32);
    let config = Config::new(1, known, AdamConfig::adam(), Schedule::constant(5e-3));
    if let Err(error) = trainer.init(config.clipped(1.0)) {
        return say!("{error}");
    }
    for number in 0..UPDATES * BATCH {
        learn(trainer, number, number as usize % KNOWN);
    }
    let before = accuracy(|window| known.class(&trainer.predict(window)), KNOWN);
    say!("{KNOWN} classes, by the head: accuracy {before:.3}");

    // The user shows each motion, the new one too.
    let mut prototypes = Prototypes::<CHANNELS, SLOTS>::ZERO;
    say!("prototypes: {} bytes", size_of_val(&prototypes));
    for class in 0..SLOTS {
        for number in 0..SHOWN {
            let features = trainer.features(&record(500_000 + number, class));
            assert!(prototypes.push(class, &features));
        }
    }
    let nearest =
        accuracy(|window| prototypes.nearest(&trainer.features(window)).map_or(SLOTS, |(class, _)| class), SLOTS);
    say!("{SLOTS} classes, by the nearest mean of {SHOWN} windows: accuracy {nearest:.3}");

    // The head has a class in reserve. The same five windows come again and again, and so do those of the other classes.
    let all = OpenCrossEntropy::new(SLOTS as u32);
    if let Err(error) = trainer.set_loss(all) {
        return say!("{error}");
    }
    for number in 0..MORE * BATCH {
        learn(trainer, 500_000 + number / SLOTS as u32 % SHOWN, number as usize % SLOTS);
    }
    let after = accuracy(|window| all.class(&trainer.predict(window)), SLOTS);
    say!("{SLOTS} classes, by the head after {MORE} more steps: accuracy {after:.3}");
    assert!(before > 0.95 && nearest > 0.9 && after > 0.9);
}

/// A sample, and a step after each batch.
fn learn(trainer: &mut MotionTrainer, number: u32, class: usize) {
    trainer.accumulate(&record(number, class), &class, 1.0 / BATCH as f32).expect("the class is known");
    if trainer.samples() == BATCH {
        trainer.step();
    }
}

/// Of new windows of the first classes; those of the last one are told apart.
fn accuracy(mut classify: impl FnMut(&Window) -> usize, classes: usize) -> f32 {
    const WINDOWS: u32 = 100;
    let mut right = 0;
    for (class, name) in NAMES.iter().enumerate().take(classes) {
        let found = (0..WINDOWS).filter(|number| classify(&record(1_000_000 + number, class)) == class).count();
        say!("  {name}: {found} of {WINDOWS}");
        right += found;
    }
    right as f32 / (classes as f32 * WINDOWS as f32)
}

/// Recording number `number` of a class: here a driver reads a sensor instead.
fn record(number: u32, class: usize) -> Window {
    let mut random = Key::new(5, Purpose::Order).child(u64::from(number)).child(class as u64).stream();
    let (frequency, size) = [(0.0, 0.0), (2.0, 0.8), (0.25, 1.0), (0.0, 0.0)][class];
    let (phase, knock) = (6.3 * random.uniform(), random.below(4));
    let mut window = [[0.0; AXES]; STEPS];
    for (step, axes) in (0_u8..).zip(&mut window) {
        // Something hits the device every fourth step.
        let hit = if class == 3 && u32::from(step) % 4 == knock { 2.0 } else { 0.0 };
        for (axis, value) in (0_u8..).zip(axes) {
            let angle = frequency * f32::from(step) + phase + 2.1 * f32::from(axis);
            *value = size * libm::sinf(angle) + hit + 0.6 * (random.uniform() - 0.5);
        }
    }
    window
}
