//! A classifier of sensor windows: 16 readings of three axes of an accelerometer, of a device at rest, shaken, or turned slowly.
//! The windows are made up, so that nothing has to be wired.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use static_cell::ConstStaticCell;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::metrics::Metrics;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::{CrossEntropy, classes};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

const STEPS: usize = 16;
const AXES: usize = 3;
const CLASSES: usize = 3;
const NAMES: [&str; CLASSES] = ["rest", "shaken", "turned"];

/// `[step][axis]`, in g.
type Window = [[f32; AXES]; STEPS];
/// A token of 8 channels for each step, one Mixer block with 8 and 16 hidden units.
type Motion = Net<STEPS, 8, PatchEmbedding<STEPS, AXES, 1, 8>, [MixerBlock<STEPS, 8, 8, 16>; 1], MeanHead<8, CLASSES>>;
type MotionTrainer = Trainer<Motion, CrossEntropy, Adam<[f32; Motion::TRAINABLE]>, [f32; Motion::ARENA]>;

/// A static in `.bss`: nothing of it is ever on the stack.
static TRAINER: ConstStaticCell<MotionTrainer> = ConstStaticCell::new(MotionTrainer::ZERO);

const BATCH: u32 = 16;
const UPDATES: u32 = 200;

entry!(start);

fn start() {
    let trainer = TRAINER.take();
    say!("{} weights, {} bytes of RAM in all", Motion::COUNT, MotionTrainer::BUDGET.total);
    let schedule = Schedule::cosine(1e-2, UPDATES / 10, UPDATES);
    if let Err(error) = trainer.init(Config::new(1, CrossEntropy::new(), AdamConfig::adam(), schedule).clipped(1.0)) {
        return say!("{error}");
    }

    for update in 0..UPDATES {
        let mut loss = 0.0;
        for number in update * BATCH..(update + 1) * BATCH {
            let (window, class) = record(number);
            // The gradients of a batch add up: a larger one needs no more RAM.
            loss += trainer.accumulate(&window, &class, 1.0 / BATCH as f32).expect("the class is one of three");
        }
        let report = trainer.step();
        if update % 50 == 49 {
            say!("update {}: loss {:.4}, rate {:.4}", update + 1, loss / BATCH as f32, report.lr);
        }
    }

    let mut metrics = Metrics::<CLASSES>::ZERO;
    for number in 0..300 {
        let (window, class) = record(1_000_000 + number);
        let result = trainer.evaluate(&window, &class).expect("the class is one of three");
        metrics.push(result.loss, class, classes::class(&result.output));
    }
    for (class, name) in NAMES.iter().enumerate() {
        say!("{name}: recall {:.2}", metrics.recall(class));
    }
    say!("new windows: accuracy {:.3}", metrics.accuracy());
    assert!(metrics.accuracy() > 0.95);
}

/// Recording number `number` and its class: here a driver reads a sensor instead.
fn record(number: u32) -> (Window, usize) {
    let mut random = Key::new(5, Purpose::Order).child(u64::from(number)).stream();
    let class = random.below(CLASSES as u32) as usize;
    let (frequency, size) = [(0.0, 0.0), (2.0, 0.8), (0.25, 1.0)][class];
    let phase = 6.3 * random.uniform();
    let mut window = [[0.0; AXES]; STEPS];
    for (step, axes) in (0_u8..).zip(&mut window) {
        for (axis, value) in (0_u8..).zip(axes) {
            let angle = frequency * f32::from(step) + phase + 2.1 * f32::from(axis);
            *value = size * libm::sinf(angle) + 0.6 * (random.uniform() - 0.5);
        }
    }
    (window, class)
}
