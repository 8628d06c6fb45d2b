//! Trains on the data in flash from the moment the board is switched on, and reports progress.

use static_cell::ConstStaticCell;
use trainlet::core::budget::{Budget, assert_fits};
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::setting::OutOfRange;
use trainlet::data::Shuffle;
use trainlet::metrics::Metrics;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::loss::{CrossEntropy, classes};
use trainlet::nn::net::Model;
use trainlet::nn::stem::{Int8, PatchEmbedding};
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

use crate::board::{Board, STACK};
use crate::report::{Count, Fixed, Hex, Name, line};
use crate::watch::{AXES, EXERCISES, People, SCALE, TOKENS, Window};

include!(concat!(env!("OUT_DIR"), "/activations.rs"));

/// `watch-12x1` on the bytes of the recordings as they lie in flash.
pub type Net = trainlet::nn::net::Net<
    TOKENS,
    12,
    Int8<PatchEmbedding<TOKENS, AXES, 1, 12>, AXES>,
    [MixerBlock<TOKENS, 12, 16, 24, Gelu, Kept>; 1],
    MeanHead<12, { EXERCISES.len() }>,
>;
const _: () = assert!(Net::COUNT == Watch12x1::COUNT);
type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;
type Results = Metrics<{ EXERCISES.len() }>;

/// All RAM of the program but the stack, in one static: the trainer.
pub struct Memory {
    trainer: WatchTrainer,
}

impl Memory {
    /// All zeros.
    pub const ZERO: Self = Self { trainer: WatchTrainer::ZERO };
    /// Its parts; all of it but the cell is the trainer's.
    pub const BUDGET: Budget = WatchTrainer::BUDGET;
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// Settings of a run. All others are as in `host-sim train` without options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Fixes every random number.
    pub seed: u32,
    /// Passes over the training data.
    pub epochs: u32,
}

impl Settings {
    /// Those of host-sim.
    pub const DEFAULT: Self = Self { seed: 0, epochs: 25 };
}

/// Samples per step.
const BATCH: u32 = 32;
/// The people of the test data.
const TEST: People = People::only(&[9, 10]);
const TRAIN: People = TEST.others();
const FULL_RATE: f32 = 5e-3;
/// Part of all steps in which the learning rate rises.
const WARMUP: f32 = 0.05;

/// Result of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Part of the test windows whose exercise was recognised.
    pub accuracy: f32,
    /// CRC-32 of the weights, as host-sim prints it.
    pub weights_crc32: u32,
}

/// Trains, reports, and then blinks forever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory, settings: Settings) -> ! {
    const { assert_fits(Memory::RAM + STACK, B::RAM) };
    // Which of them would take a table of names; they are constants of this program.
    if train(board, memory, settings).is_err() {
        line(board, format_args!("a setting is out of its range"));
    }
    board.exit();
    loop {
        // About half a second; a division of 64 bits would be the only one in the program.
        let half_seconds = board.micros() >> 19;
        board.set_led(half_seconds & 1 == 0);
    }
}

/// Trains and reports.
///
/// # Errors
/// A setting is out of range.
pub fn train<B: Board>(board: &mut B, memory: &mut Memory, settings: Settings) -> Result<Outcome, OutOfRange> {
    let Settings { seed, epochs } = settings;
    let (network, name) = (Name(Watch12x1::NAME), Name(B::NAME));
    let [first, passes] = [seed, epochs].map(|value| Count(value as usize));
    line(board, format_args!("trainlet standalone: {network} on {name}, seed {first}, {passes} epochs"));
    let [memory_bytes, trainer] = [Memory::RAM, WatchTrainer::BUDGET.total].map(Count);
    line(board, format_args!("memory: {memory_bytes} bytes, {trainer} of them for the trainer"));
    let mut run = Run::start(memory, settings)?;
    let (_, stack) = board.with_stack_measured(|| run.rehearse());
    if let Some(bytes) = stack.map(Count) {
        line(board, format_args!("stack: at most {bytes} bytes below a call of the trainer"));
    }
    let mut run = Run::start(memory, settings)?;
    for epoch in 0..epochs {
        run.epoch(board, epoch);
    }
    let results = run.test();
    for (class, name) in EXERCISES.iter().enumerate() {
        let [precision, recall] = [results.precision(class), results.recall(class)].map(|ratio| Fixed(ratio, 3));
        let name = Name(name);
        line(board, format_args!("{name}: precision {precision}, recall {recall}"));
    }
    let outcome = Outcome { accuracy: results.accuracy(), weights_crc32: crc32(&run.trainer.weights) };
    line(board, format_args!("weights: CRC-32 {}", Hex(outcome.weights_crc32)));
    let (accuracy, windows) = (Fixed(100.0 * outcome.accuracy, 1), Count(results.count() as usize));
    line(board, format_args!("test: {accuracy} % of {windows} windows of people 9 and 10 recognised"));
    Ok(outcome)
}

struct Run<'a> {
    trainer: &'a mut WatchTrainer,
    sampler: Key,
    samples: u32,
}

impl<'a> Run<'a> {
    fn start(Memory { trainer }: &'a mut Memory, Settings { seed, epochs }: Settings) -> Result<Self, OutOfRange> {
        let samples = TRAIN.len() as u32;
        let total = epochs.saturating_mul(samples.div_ceil(BATCH));
        let warmup = libm::roundf(WARMUP * total as f32) as u32;
        let schedule = Schedule::cosine(FULL_RATE, warmup, total);
        let config = Config::new(u64::from(seed), CrossEntropy::new(), AdamConfig::adam(), schedule);
        trainer.init(config.clipped(1.0))?;
        let scaler = TRAIN.fit();
        trainer.weights.stem.set(SCALE, scaler.mean, scaler.std)?;
        Ok(Self { trainer, sampler: Key::new(u64::from(seed), Purpose::Order), samples })
    }

    /// Makes every call of the trainer that [`epoch`](Self::epoch) makes.
    fn rehearse(&mut self) {
        let Some(Window { counts, label, .. }) = TRAIN.window(0) else { return };
        let _ = self.trainer.accumulate(counts, &label, 1.0);
        self.trainer.step();
        let _ = self.trainer.evaluate(counts, &label);
    }

    fn epoch<B: Board>(&mut self, board: &mut B, epoch: u32) {
        let started = board.micros();
        let shuffle = Shuffle::new(self.sampler.child(u64::from(epoch)), self.samples);
        let mut training = Results::ZERO;
        for (step, start) in (0..self.samples).step_by(BATCH as usize).enumerate() {
            board.set_led(step.is_multiple_of(2));
            let places = start..(start + BATCH).min(self.samples);
            let weight = 1.0 / places.len() as f32;
            for Window { counts, label, .. } in places.filter_map(|place| TRAIN.window(shuffle.index(place) as usize)) {
                if let Ok(loss) = self.trainer.accumulate(counts, &label, weight) {
                    training.push(loss, label, label);
                }
            }
            self.trainer.step();
        }
        let micros = u32::try_from(board.micros() - started).unwrap_or(u32::MAX);
        let speed = Count((self.samples as f32 / (micros as f32 * 1e-6)) as usize);
        let test = self.test();
        let [loss, test_loss] = [training.loss(), test.loss()].map(|loss| Fixed(loss, 4));
        let (accuracy, number) = (Fixed(100.0 * test.accuracy(), 1), Count(epoch as usize + 1));
        line(
            board,
            format_args!(
                "epoch {number}: {speed} samples/s, loss {loss}, test loss {test_loss}, test accuracy {accuracy} %"
            ),
        );
    }

    fn test(&mut self) -> Results {
        let mut results = Results::ZERO;
        for Window { counts, label, .. } in TEST.windows() {
            if let Ok(evaluation) = self.trainer.evaluate(counts, &label) {
                let class = classes::class(&evaluation.output);
                results.push(evaluation.loss, label, class);
            }
        }
        results
    }
}
