//! A network, the data that it learns from, and the program that does so by itself.

use static_cell::ConstStaticCell;
use trainlet::core::budget::{Budget, assert_fits};
use trainlet::core::checksum::crc32;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::data::Shuffle;
use trainlet::nn::loss::Loss;
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, Schedule, State};
use trainlet::train::{Config, Trainer};

use crate::board::{Board, STACK};
use crate::report::{Count, Fixed, Hex, Name, line};
use crate::results::Results;

/// A network and its data in flash.
pub trait Lesson: 'static {
    /// Its name.
    const NAME: &'static str;
    /// Names of the classes, or of the values that are predicted.
    const NAMES: &'static [&'static str];
    /// What the samples of the test are, for the last line of a report.
    const TESTED: &'static str;
    /// The loss.
    const LOSS: Self::Loss;
    /// The network.
    type Model: Model<Input: 'static>;
    /// The loss's type.
    type Loss: Loss<<Self::Model as Model>::Output>;
    /// An optimiser's state: `[f32; Model::TRAINABLE]`, or fewer bits.
    type State: State;
    /// `[f32; Model::ARENA]`
    type Arena: Tensor;
    /// How good it is.
    type Results: Results<Target<Self>>;

    /// Number of samples to learn from.
    fn train_len() -> u32;
    /// One of them.
    fn train(index: u32) -> Option<Sample<Self>>;
    /// Number of samples to test with.
    fn test_len() -> u32;
    /// One of them.
    fn test(index: u32) -> Option<Sample<Self>>;

    /// What is left to do with weights that have been drawn: trained ones may take their place.
    ///
    /// # Errors
    /// A value is out of range.
    fn start(_weights: &mut Self::Model) -> Result<(), OutOfRange> {
        Ok(())
    }
}

/// The features of a sample, in flash, and its target.
pub type Sample<T> = (&'static Input<T>, Target<T>);
/// The features of a sample.
pub type Input<T> = <<T as Lesson>::Model as Model>::Input;
/// What the loss compares with.
pub type Target<T> = <<T as Lesson>::Loss as Loss<<<T as Lesson>::Model as Model>::Output>>::Target;
/// What learns.
pub type LessonTrainer<T> =
    Trainer<<T as Lesson>::Model, <T as Lesson>::Loss, Adam<<T as Lesson>::State>, <T as Lesson>::Arena>;

/// All RAM of the program but the stack, in one static: the trainer.
pub struct Memory<T: Lesson> {
    trainer: LessonTrainer<T>,
}

impl<T: Lesson> Memory<T> {
    /// All zeros.
    pub const ZERO: Self = Self { trainer: LessonTrainer::<T>::ZERO };
    /// Its parts; all of it but the cell is the trainer's.
    pub const BUDGET: Budget = LessonTrainer::<T>::BUDGET;
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
const FULL_RATE: f32 = 5e-3;
/// Part of all steps in which the learning rate rises.
const WARMUP: f32 = 0.05;
/// Largest norm of a gradient.
pub const CLIP: f32 = 1.0;

/// Result of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// [`Results::figure`] of the test: part of the samples whose class is right, or an error.
    pub accuracy: f32,
    /// CRC-32 of the weights, as host-sim prints it.
    pub weights_crc32: u32,
}

/// Trains, reports, and then blinks forever.
pub fn run<T: Lesson, B: Board>(board: &mut B, memory: &mut Memory<T>, settings: Settings) -> ! {
    const { assert_fits(Memory::<T>::RAM + STACK, B::RAM) };
    // Which of them would take a table of names; they are constants of this program.
    if train(board, memory, settings).is_err() {
        line(board, format_args!("a setting is out of its range"));
    }
    blink(board)
}

/// Ends the program where that is possible, and blinks where it is not.
pub fn blink<B: Board>(board: &mut B) -> ! {
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
pub fn train<T: Lesson, B: Board>(
    board: &mut B,
    memory: &mut Memory<T>,
    settings: Settings,
) -> Result<Outcome, OutOfRange> {
    let Settings { seed, epochs } = settings;
    let (network, name) = (Name(T::NAME), Name(B::NAME));
    let [first, passes] = [seed, epochs].map(|value| Count(value as usize));
    line(board, format_args!("trainlet standalone: {network} on {name}, seed {first}, {passes} epochs"));
    let [memory_bytes, trainer] = [Memory::<T>::RAM, LessonTrainer::<T>::BUDGET.total].map(Count);
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
    results.details(board, T::NAMES);
    let outcome = Outcome { accuracy: results.figure(), weights_crc32: crc32(&run.trainer.weights) };
    line(board, format_args!("weights: CRC-32 {}", Hex(outcome.weights_crc32)));
    results.summary(board, T::TESTED);
    Ok(outcome)
}

struct Run<'a, T: Lesson> {
    trainer: &'a mut LessonTrainer<T>,
    sampler: Key,
    samples: u32,
}

impl<'a, T: Lesson> Run<'a, T> {
    fn start(Memory { trainer }: &'a mut Memory<T>, Settings { seed, epochs }: Settings) -> Result<Self, OutOfRange> {
        let samples = T::train_len();
        let total = epochs.saturating_mul(samples.div_ceil(BATCH));
        let warmup = libm::roundf(WARMUP * total as f32) as u32;
        let schedule = Schedule::cosine(FULL_RATE, warmup, total);
        let config = Config::new(u64::from(seed), T::LOSS, AdamConfig::adam(), schedule);
        trainer.init(config.clipped(CLIP))?;
        T::start(&mut trainer.weights)?;
        Ok(Self { trainer, sampler: Key::new(u64::from(seed), Purpose::Order), samples })
    }

    /// Makes every call of the trainer that [`epoch`](Self::epoch) makes.
    fn rehearse(&mut self) {
        let Some((input, target)) = T::train(0) else { return };
        let _ = self.trainer.accumulate(input, &target, 1.0);
        self.trainer.step();
        let _ = self.trainer.evaluate(input, &target);
    }

    fn epoch<B: Board>(&mut self, board: &mut B, epoch: u32) {
        let started = board.micros();
        let shuffle = Shuffle::new(self.sampler.child(u64::from(epoch)), self.samples);
        let mut training = T::Results::ZERO;
        for (step, start) in (0..self.samples).step_by(BATCH as usize).enumerate() {
            board.set_led(step.is_multiple_of(2));
            let places = start..(start + BATCH).min(self.samples);
            let weight = 1.0 / places.len() as f32;
            for (input, target) in places.filter_map(|place| T::train(shuffle.index(place))) {
                if let Ok(loss) = self.trainer.accumulate(input, &target, weight) {
                    training.push_loss(loss);
                }
            }
            self.trainer.step();
        }
        let micros = u32::try_from(board.micros() - started).unwrap_or(u32::MAX);
        let speed = Count((self.samples as f32 / (micros as f32 * 1e-6)) as usize);
        let test = self.test();
        let [loss, test_loss] = [training.loss(), test.loss()].map(|loss| Fixed(loss, 4));
        let ([figure, unit], shown, number) = (T::Results::FIGURE.map(Name), test.shown(), Count(epoch as usize + 1));
        line(
            board,
            format_args!(
                "epoch {number}: {speed} samples/s, loss {loss}, test loss {test_loss}, test {figure} {shown}{unit}"
            ),
        );
    }

    fn test(&mut self) -> T::Results {
        let mut results = T::Results::ZERO;
        for (input, target) in (0..T::test_len()).filter_map(T::test) {
            if let Ok(evaluation) = self.trainer.evaluate(input, &target) {
                results.push(evaluation.loss, &target, evaluation.output.flat());
            }
        }
        results
    }
}
