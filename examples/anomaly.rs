//! An auto-encoder as detector of anomalies: it learns to repeat the vibrations of a sound machine through a bottleneck, without
//! any label. What it cannot repeat is something that it has not seen: an error beyond a quantile of the usual ones, which is estimated in
//! fixed memory.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use static_cell::ConstStaticCell;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::metrics::PSquare;
use trainlet::nn::head::DenseHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::loss::Mse;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::DenseStem;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

/// Readings of a window.
const LENGTH: usize = 24;
/// 24-16-4-24: the four channels of the only token are the bottleneck.
type Encoder = Net<1, 4, DenseStem<LENGTH, 16, 4, Gelu>, (), DenseHead<4, LENGTH>>;
type EncoderTrainer = Trainer<Encoder, Mse, Adam<[f32; Encoder::TRAINABLE]>, [f32; Encoder::ARENA]>;

static TRAINER: ConstStaticCell<EncoderTrainer> = ConstStaticCell::new(EncoderTrainer::ZERO);

const BATCH: u32 = 16;
const UPDATES: u32 = 400;
/// Windows that the threshold is taken from.
const CALIBRATION: u32 = 500;

entry!(start);

fn start() {
    let trainer = TRAINER.take();
    say!("{} weights, {} bytes of RAM in all", Encoder::COUNT, EncoderTrainer::BUDGET.total);
    if let Err(error) =
        trainer.init(Config::new(1, Mse, AdamConfig::adam(), Schedule::cosine(1e-2, 20, UPDATES)).clipped(1.0))
    {
        return say!("{error}");
    }
    let mut random = Key::new(4, Purpose::Order).stream();
    for update in 0..UPDATES {
        let mut loss = 0.0;
        for _ in 0..BATCH {
            let window = listen(&mut random, 0.0);
            // The window is its own target.
            loss += trainer.accumulate(&window, &window, 1.0 / BATCH as f32).expect("all readings are finite");
        }
        trainer.step();
        if update % 100 == 99 {
            say!("update {}: error {:.4}", update + 1, loss / BATCH as f32);
        }
    }

    // Windows of the sound machine that were not trained: two of a hundred are above the threshold, and none of them is kept.
    let mut quantile = PSquare::new(0.98);
    for _ in 0..CALIBRATION {
        quantile.push(reconstruction_error(trainer, &listen(&mut random, 0.0)));
    }
    let threshold = quantile.value().expect("there were windows");
    say!("threshold {threshold:.4}, a quantile in {} bytes", size_of::<PSquare>());

    let mut alarms = |damage: f32| {
        let count =
            (0..200).filter(|_| reconstruction_error(trainer, &listen(&mut random, damage)) > threshold).count();
        say!("damage {damage:.1}: {count} alarms in 200 windows");
        count
    };
    let (false_alarms, found) = (alarms(0.0), alarms(0.5));
    assert!(false_alarms < 20 && found > 180);
}

fn reconstruction_error(trainer: &mut EncoderTrainer, window: &[f32; LENGTH]) -> f32 {
    trainer.evaluate(window, window).map_or(f32::INFINITY, |result| result.loss)
}

/// One window of vibration: a rotation and its second harmonic at any phase, and noise. A damaged bearing adds clicks of this
/// size. Here a driver reads the accelerometer instead.
fn listen(random: &mut Stream, damage: f32) -> [f32; LENGTH] {
    let phase = 6.3 * random.uniform();
    let click = random.below(6) as usize;
    core::array::from_fn(|reading| {
        let angle = 0.8 * reading as f32 + phase;
        let clicks = if reading % 6 == click { damage } else { 0.0 };
        libm::sinf(angle) + 0.5 * libm::sinf(2.0 * angle) + 0.1 * (random.uniform() - 0.5) + clicks
    })
}
