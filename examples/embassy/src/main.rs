//! A task that trains beside one that reads a sensor, under [embassy](https://embassy.dev): 50 frames per second, of which
//! none is missed, since the training gives way after every piece of a sample. On an STM32F405, or in QEMU:
//!
//! ```sh
//! cd examples/embassy && cargo run --release
//! ```
#![no_std]
#![no_main]

mod sensor;

use cortex_m_semihosting::{debug, hprintln};
use embassy_executor::Spawner;
use embassy_futures::yield_now;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use panic_semihosting as _;
use static_cell::ConstStaticCell;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::data::SlidingWindow;
use trainlet::networks::Watch12x1;
use trainlet::nn::loss::{CrossEntropy, classes};
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

use sensor::{AXES, FRAMES, Frame, HERTZ, PER_SECOND};

type Net = Watch12x1;
type Learner = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;
type Window = [[f32; AXES]; LEN];

/// Frames of a window, and from the start of one to the start of the next.
const LEN: usize = 16;
const HOP: usize = 8;
/// How often a window is learnt, which takes a third of the time until the next one.
const TIMES: u32 = 32;
/// Samples per step.
const BATCH: u32 = 8;
/// How long the program runs.
const SECONDS: u32 = 12;
/// Longest time from a frame until its task has it: that of a piece.
const MOST_MICROS: u32 = 1000;

static LEARNER: ConstStaticCell<Learner> = ConstStaticCell::new(Learner::ZERO);
/// The last window, with its label.
static WINDOWS: Signal<CriticalSectionRawMutex, (Window, usize)> = Signal::new();

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    if let (Some(peripherals), Ok(train)) = (cortex_m::Peripherals::take(), train(LEARNER.take())) {
        spawner.spawn(train);
        sensor::start(peripherals.SYST);
        sense().await;
    }
}

/// Reads each frame as it comes and makes windows of them.
async fn sense() {
    let mut window = SlidingWindow::<[f32; AXES], LEN, HOP>::new([0.0; AXES]);
    let mut latest = 0;
    for number in 0..SECONDS * PER_SECOND {
        let Frame { values, label } = FRAMES.receive().await;
        latest = sensor::age().max(latest);
        if sensor::begins(number) {
            window.lose(0);
        }
        if window.push(values) {
            let mut frames = [[0.0; AXES]; LEN];
            frames.iter_mut().zip(window.frames()).for_each(|(to, frame)| *to = *frame);
            WINDOWS.signal((frames, label));
        }
    }
    let (missed, micros) = (sensor::missed(), latest / (HERTZ / 1_000_000));
    hprintln!("frames: {}, {} missed, read at most {} us after they came", window.count(), missed, micros);
    let good = missed == 0 && micros <= MOST_MICROS;
    debug::exit(if good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
}

/// Tells each window apart, and then learns it; gives way after every piece.
#[embassy_executor::task]
async fn train(learner: &'static mut Learner) {
    let config = Config::new(1, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(2e-3));
    if let Err(error) = learner.init(config.clipped(1.0)) {
        return hprintln!("{}", error);
    }
    let (mut windows, mut right) = (0, 0);
    loop {
        let (window, label) = WINDOWS.wait().await;
        let answer = classes::class(&learner.predict(&window));
        (windows, right) = (windows + 1, right + u32::from(answer == label));
        for time in 1..=TIMES {
            yield_now().await;
            let mut sample = learner.in_pieces(&window, &label, 1.0 / BATCH as f32);
            while sample.advance() == Ok(None) {
                yield_now().await;
            }
            drop(sample);
            if time % BATCH == 0 {
                yield_now().await;
                learner.step();
            }
        }
        if windows % 20 == 0 {
            let (steps, crc) = (learner.steps(), crc32(&learner.weights));
            hprintln!("{} of 20 windows right, {} steps, weights: CRC-32 {:08x}", right, steps, crc);
            right = 0;
        }
    }
}
