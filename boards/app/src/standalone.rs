//! Trains on the data in flash from the moment the board is switched on, and says how that goes.

use static_cell::ConstStaticCell;
use trainlet::budget::assert_fits;
use trainlet::checksum::crc32;
use trainlet::data::{Scaler, Shuffle};
use trainlet::loss::{Classify, CrossEntropy};
use trainlet::metrics::Metrics;
use trainlet::net::Model;
use trainlet::networks::{Network, Watch12x1};
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::params::Params;
use trainlet::rng::{Key, Purpose};
use trainlet::train::{Config, Trainer};

use crate::board::{Board, STACK};
use crate::report::{Fixed, line};
use crate::watch::{AXES, EXERCISES, People, TOKENS, Window};

/// The network that is trained.
pub type Net = Watch12x1;
type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINED]>, [f32; Net::ARENA]>;
type Results = Metrics<{ EXERCISES.len() }>;

/// All RAM of the program but the stack, in one static: the trainer, and the sample that it looks at.
pub struct Memory {
    trainer: WatchTrainer,
    input: [[f32; AXES]; TOKENS],
}

impl Memory {
    /// All zeros.
    pub const ZERO: Self = Self { trainer: WatchTrainer::ZERO, input: [[0.0; AXES]; TOKENS] };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// How a run goes. All the rest is as in `host-sim train` without options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Fixes every random number.
    pub seed: u64,
    /// Passes over the training data.
    pub epochs: u32,
}

impl Recipe {
    /// That of host-sim.
    pub const DEFAULT: Self = Self { seed: 0, epochs: 25 };
}

/// Samples per step.
const BATCH: u32 = 32;
/// Who is tested with.
const TEST: People = People::only(&[9, 10]);
const TRAIN: People = TEST.others();
const FULL_RATE: f32 = 5e-3;
/// Share of all steps over which the learning rate rises.
const WARMUP: f32 = 0.05;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Share of the test windows whose exercise was recognised.
    pub accuracy: f32,
    /// CRC-32 of the weights, as host-sim prints it.
    pub weights_crc32: u32,
}

/// Trains, reports, and then blinks for ever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory, recipe: Recipe) -> ! {
    const { assert_fits(Memory::RAM + STACK, B::RAM) };
    train(board, memory, recipe);
    board.exit();
    loop {
        let half_seconds = board.micros() / 500_000;
        board.set_led(half_seconds.is_multiple_of(2));
    }
}

/// Trains and reports.
pub fn train<B: Board>(board: &mut B, memory: &mut Memory, recipe: Recipe) -> Outcome {
    let Recipe { seed, epochs } = recipe;
    line(board, format_args!("trainlet standalone: {} on {}, seed {seed}, {epochs} epochs", Net::NAME, B::NAME));
    let trainer = WatchTrainer::BUDGET.total;
    line(board, format_args!("memory: {} bytes, of them {trainer} of the trainer", Memory::RAM));
    let mut run = Run::start(memory, recipe);
    let (_, stack) = board.with_stack_measured(|| run.rehearse());
    if let Some(bytes) = stack {
        line(board, format_args!("stack: {bytes} bytes at the most below a call of the trainer"));
    }
    let mut run = Run::start(memory, recipe);
    for epoch in 0..epochs {
        run.epoch(board, epoch);
    }
    let results = run.test();
    for (class, name) in EXERCISES.iter().enumerate() {
        let (precision, recall) = (Fixed::<3>(results.precision(class)), Fixed::<3>(results.recall(class)));
        line(board, format_args!("{name}: precision {precision}, recall {recall}"));
    }
    let outcome = Outcome { accuracy: results.accuracy(), weights_crc32: crc32(&run.trainer.weights) };
    line(board, format_args!("weights: CRC-32 {:08x}", outcome.weights_crc32));
    let accuracy = Fixed::<1>(100.0 * outcome.accuracy);
    line(board, format_args!("test: {accuracy} % of {} windows of people 9 and 10 recognised", results.count()));
    outcome
}

struct Run<'a> {
    trainer: &'a mut WatchTrainer,
    input: &'a mut [[f32; AXES]; TOKENS],
    order: Key,
    scaler: Scaler<AXES>,
    samples: u32,
}

impl<'a> Run<'a> {
    fn start(Memory { trainer, input }: &'a mut Memory, Recipe { seed, epochs }: Recipe) -> Self {
        let samples = TRAIN.len() as u32;
        let total = epochs.saturating_mul(samples.div_ceil(BATCH));
        let warmup = libm::roundf(WARMUP * total as f32) as u32;
        let schedule = Schedule::cosine(FULL_RATE, warmup, total);
        let config = Config::new(seed, CrossEntropy::new(), AdamConfig::adam(), schedule);
        trainer.init(config.clipped(1.0));
        Self { trainer, input, order: Key::new(seed, Purpose::Order), scaler: TRAIN.fit(), samples }
    }

    /// Calls all of the trainer that [`epoch`](Self::epoch) calls.
    fn rehearse(&mut self) {
        let _ = self.trainer.accumulate(self.input, &0, 1.0);
        self.trainer.step();
        let _ = self.trainer.evaluate(self.input, &0);
    }

    fn epoch<B: Board>(&mut self, board: &mut B, epoch: u32) {
        let started = board.micros();
        let shuffle = Shuffle::new(self.order.child(u64::from(epoch)), self.samples);
        let mut training = Results::ZERO;
        for (step, start) in (0..self.samples).step_by(BATCH as usize).enumerate() {
            board.set_led(step.is_multiple_of(2));
            let places = start..(start + BATCH).min(self.samples);
            let share = 1.0 / places.len() as f32;
            for window in places.filter_map(|place| TRAIN.window(shuffle.index(place) as usize)) {
                self.load(&window);
                if let Ok(loss) = self.trainer.accumulate(self.input, &window.label, share) {
                    training.push(loss, window.label, window.label);
                }
            }
            self.trainer.step();
        }
        let seconds = (board.micros() - started) as f32 * 1e-6;
        let speed = (self.samples as f32 / seconds) as u32;
        let test = self.test();
        let [loss, test_loss] = [training.loss(), test.loss()].map(Fixed::<4>);
        let accuracy = Fixed::<1>(100.0 * test.accuracy());
        line(
            board,
            format_args!(
                "epoch {}: {speed} samples/s, loss {loss}, test loss {test_loss}, test accuracy {accuracy} %",
                epoch + 1
            ),
        );
    }

    fn test(&mut self) -> Results {
        let mut results = Results::ZERO;
        for window in TEST.windows() {
            self.load(&window);
            if let Ok(evaluation) = self.trainer.evaluate(self.input, &window.label) {
                let class = <CrossEntropy as Classify<<Net as Model>::Output>>::class(&evaluation.output);
                results.push(evaluation.loss, window.label, class);
            }
        }
        results
    }

    fn load(&mut self, window: &Window) {
        for (input, frame) in self.input.iter_mut().zip(window.frames()) {
            *input = frame;
            self.scaler.apply(input);
        }
    }
}
