//! A device that learns from a broken sensor, over a bad line, with a power supply that fails: in the end its weights are those of a
//! trainer that has only seen the good samples. A million steps, and what went wrong on the way:
//! `cargo test --release -p trainlet --all-features --test soak -- --include-ignored --nocapture`
#![cfg(all(feature = "link", feature = "store"))]

mod flash;

use std::convert::Infallible;
use std::fmt;
use std::time::Instant;

use embedded_io::{ErrorType, Read};
use flash::Flash;
use trainlet::core::archive::Archive;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::link::frame::{Frame, Receiver, encode, longest};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, LrShape, Schedule};
use trainlet::store::Store;
use trainlet::train::{Config, Trainer};

type Mixer = Net<3, 2, PatchEmbedding<3, 2, 1, 2>, [MixerBlock<3, 2, 4, 3>; 1], MeanHead<2, 3>>;
type Learning = Trainer<Mixer, CrossEntropy, Adam<[f32; Mixer::TRAINABLE]>, [f32; Mixer::ARENA]>;
type Window = [[f32; 2]; 3];
type Memory = Flash<4, 1024>;

/// Samples in a step.
const BATCH: u32 = 2;
/// Steps from one save to the next.
const SAVE_EVERY: u32 = 50;
const SLOTS: u32 = 3;
const FLASH: u32 = SLOTS * 2 * 1024;

#[test]
fn what_breaks_on_the_way_leaves_no_trace_in_the_weights() {
    run(50_000);
}

#[test]
#[ignore = "takes a minute"]
fn in_a_million_steps() {
    run(1_000_000);
}

fn run(steps: u32) {
    let (started, mut counts) = (Instant::now(), Counts::default());
    let soaked = soak(steps, &mut counts);
    let clean = clean(steps);
    println!("{steps} steps in {:.0} s: {counts}", started.elapsed().as_secs_f64());
    println!("weights: CRC-32 {soaked:08x}; of a trainer that saw the good samples alone: {clean:08x}");
    assert_eq!(soaked, clean);
    assert!([counts.refused, counts.labels, counts.damaged, counts.cut_saves].iter().all(|count| *count > 100));
}

/// What went wrong.
#[derive(Default)]
struct Counts {
    refused: u64,
    labels: u64,
    damaged: u64,
    cuts: u64,
    cut_saves: u64,
    saves: u64,
    repeated: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refused, labels, damaged, cuts, cut_saves, saves, repeated } = self;
        write!(
            f,
            "{refused} samples that are not finite, {labels} labels that are none, {damaged} damaged frames, {cuts} power cuts, \
             {cut_saves} of them in one of {saves} saves, {repeated} steps made again"
        )
    }
}

/// A sample and its label as the sensor has them; some are broken, but never all of a step, which would not count as one.
fn sample(number: u32) -> (Window, u32) {
    let mut stream = Key::new(7, Purpose::Order).child(u64::from(number)).stream();
    let label = stream.below(3);
    let mut window = [[0.0; 2]; 3].map(|row: [f32; 2]| row.map(|_| stream.uniform() - 0.5 + 0.3 * label as f32));
    match stream.below(200) {
        _ if !number.is_multiple_of(BATCH) => {}
        0 => window[1][0] = f32::NAN,
        1 => window[2][1] = f32::INFINITY,
        2 => return (window, 3),
        _ => {}
    }
    (window, label)
}

fn is_good((window, label): &(Window, u32)) -> bool {
    *label < 3 && window.as_flattened().iter().all(|x| x.is_finite())
}

fn start() -> Box<Learning> {
    let mut trainer = Box::new(Learning::ZERO);
    let shape = LrShape::Restarts { first: 1000, multiply: 2, min: 1e-4 };
    let config = Config::new(3, CrossEntropy::new(), AdamConfig::adam(), Schedule { lr: 1e-3, warmup: 100, shape });
    trainer.init(config.clipped(1.0)).expect("the settings are in their ranges");
    trainer
}

/// Only the good samples, and nothing ever fails.
fn clean(steps: u32) -> u32 {
    let mut trainer = start();
    for step in 0..steps {
        for (window, label) in (0..BATCH).map(|place| sample(step * BATCH + place)).filter(is_good) {
            trainer.accumulate(&window, &(label as usize), 1.0 / BATCH as f32).expect("the label is a class");
        }
        trainer.step();
    }
    crc32(&trainer.weights)
}

/// The device's RAM.
struct Device {
    trainer: Box<Learning>,
    /// The step that comes next.
    next: u32,
}

impl Device {
    /// What it does when it is switched on.
    fn power_up(flash: &Memory) -> Self {
        let mut device = Self { trainer: start(), next: 0 };
        let mut store = Store::new(flash.clone(), 0..FLASH, SLOTS).expect("the flash can be read");
        store.load(&mut |archive| device.persist(archive)).expect("what was kept is of this device");
        device
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.trainer.persist(archive);
        archive.count(&mut self.next);
    }

    fn accumulate(&mut self, window: &Window, label: u32, counts: &mut Counts) {
        match self.trainer.accumulate(window, &(label as usize), 1.0 / BATCH as f32) {
            Ok(loss) => counts.refused += u64::from(!loss.is_finite()),
            Err(_) => counts.labels += 1,
        }
    }

    /// Saves; gives whether the power has held.
    fn save(&mut self, flash: &mut Memory) -> bool {
        let mut store = Store::new(flash.clone(), 0..FLASH, SLOTS).expect("the flash can be read");
        let saved = store.save(&mut |archive| self.persist(archive));
        *flash = store.into_flash();
        saved.is_ok()
    }
}

fn soak(steps: u32, counts: &mut Counts) -> u32 {
    let mut random = Key::new(8, Purpose::Direction).stream();
    let mut flash = Memory::new(FLASH as usize / 1024, Key::new(9, Purpose::Direction).stream());
    let (mut device, mut furthest) = (Device::power_up(&flash), 0);
    while device.next < steps {
        for place in 0..BATCH {
            let (window, label) = sent(sample(device.next * BATCH + place), &mut random, counts);
            device.accumulate(&window, label, counts);
        }
        device.trainer.step();
        counts.repeated += u64::from(device.next < furthest);
        device.next += 1;
        furthest = furthest.max(device.next);
        let mut holds = random.below(500) != 0;
        if holds && device.next.is_multiple_of(SAVE_EVERY) {
            counts.saves += 1;
            // In one of four saves the power goes at one of the words.
            flash.left = if random.below(4) == 0 { u64::from(random.below(400)) + 1 } else { u64::MAX };
            holds = device.save(&mut flash);
            counts.cut_saves += u64::from(!holds);
            flash.left = u64::MAX;
        }
        if !holds {
            counts.cuts += 1;
            device = Device::power_up(&flash);
        }
    }
    crc32(&device.trainer.weights)
}

/// Sends a sample as often as it needs over a line that damages one byte in a thousand.
fn sent(sample: (Window, u32), random: &mut Stream, counts: &mut Counts) -> (Window, u32) {
    let (window, label) = sample;
    let message = (window.map(|row| row.map(f32::to_bits)), label);
    loop {
        let mut frame = [0; longest(40)];
        let bytes = encode(&Frame { session: 1, sequence: 1, message }, &mut frame).expect("it fits");
        let mut line = Line { bytes: damaged(bytes, random), place: 0 };
        let (mut receiver, mut content) = (Receiver::EMPTY, [0; longest(40)]);
        let whole = matches!(receiver.receive(&mut line, &mut content), Ok(Ok(())));
        if let (true, Ok(frame)) = (whole, receiver.message::<([[u32; 2]; 3], u32)>(&content)) {
            let (bits, label) = frame.message;
            return (bits.map(|row| row.map(f32::from_bits)), label);
        }
        counts.damaged += 1;
    }
}

fn damaged(bytes: &[u8], random: &mut Stream) -> Vec<u8> {
    let mut line = Vec::new();
    for byte in bytes {
        match random.below(3000) {
            0 => {}
            1 => line.extend([*byte; 2]),
            2 => line.push(byte ^ (1 << random.below(8))),
            _ => line.push(*byte),
        }
    }
    line
}

/// What came; then nothing more.
struct Line {
    bytes: Vec<u8>,
    place: usize,
}

impl ErrorType for Line {
    type Error = Infallible;
}

impl Read for Line {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let (Some(first), Some(byte)) = (bytes.first_mut(), self.bytes.get(self.place)) else { return Ok(0) };
        (*first, self.place) = (*byte, self.place + 1);
        Ok(1)
    }
}
