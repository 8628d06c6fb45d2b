//! A network, the data that it learns from, and the program that does so by itself.

use core::ops::Range;

use static_cell::ConstStaticCell;
use trainlet::core::budget::{Budget, assert_fits};
use trainlet::core::checksum::crc32;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::nn::loss::Loss;
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, State};
use trainlet::train::Trainer;

use crate::board::{Board, STACK};
use crate::report::{Count, Hex, Name, line};
use crate::results::Results;
use crate::run::Run;
use crate::saver::Saver;

include!(concat!(env!("OUT_DIR"), "/save_every.rs"));

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
    pub(crate) trainer: LessonTrainer<T>,
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
    /// Steps from one save to the next, on a board that keeps checkpoints; 0 for none. There is one more when the run has ended.
    pub save_every: u32,
}

impl Settings {
    /// Those of host-sim.
    pub const DEFAULT: Self = Self { seed: 0, epochs: 25, save_every: SAVE_EVERY };
}

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

/// Makes a step from the samples at some places of an epoch, of which each counts the same.
#[inline(always)]
pub(crate) fn step<'a, T: Lesson, B: Board>(
    board: &mut B,
    trainer: &mut LessonTrainer<T>,
    places: Range<u32>,
    sample: impl Fn(u32) -> Option<(&'a Input<T>, Target<T>)>,
    results: &mut T::Results,
) {
    let weight = 1.0 / places.len() as f32;
    for (input, target) in places.filter_map(sample) {
        if let Ok(loss) = trainer.accumulate(input, &target, weight) {
            results.push_loss(loss);
        }
        board.feed_watchdog();
    }
    trainer.step();
}

/// How good the network is on the samples of the test.
pub(crate) fn test<T: Lesson, B: Board>(board: &mut B, trainer: &mut LessonTrainer<T>) -> T::Results {
    let mut results = T::Results::ZERO;
    for (input, target) in (0..T::test_len()).filter_map(T::test) {
        if let Ok(evaluation) = trainer.evaluate(input, &target) {
            results.push(evaluation.loss, &target, evaluation.output.flat());
        }
        board.feed_watchdog();
    }
    results
}

/// Makes every call of the trainer that a run makes, with a sample that need not count.
pub(crate) fn rehearse<T: Lesson>(trainer: &mut LessonTrainer<T>, (input, target): (&Input<T>, Target<T>)) {
    let _ = trainer.accumulate(input, &target, 1.0);
    trainer.step();
    let _ = trainer.evaluate(input, &target);
}

/// Ends the program where that is possible, and blinks where it is not.
pub fn blink<B: Board>(board: &mut B) -> ! {
    board.exit();
    loop {
        // About half a second; a division of 64 bits would be the only one in the program.
        let half_seconds = board.micros() >> 19;
        board.set_led(half_seconds & 1 == 0);
        // There is nothing left to do, so nothing can hang.
        board.feed_watchdog();
    }
}

/// Trains and reports. On a board that keeps checkpoints a run that was interrupted goes on, and of one that has ended the result is
/// told again.
///
/// # Errors
/// A setting is out of range.
pub fn train<T: Lesson, B: Board>(
    board: &mut B,
    memory: &mut Memory<T>,
    settings: Settings,
) -> Result<Outcome, OutOfRange> {
    introduce::<T, B>(board, settings);
    let mut saver = Saver::new(board);
    let mut run = Run::start(memory, settings)?;
    board.feed_watchdog();
    let (_, stack) = board.with_stack_measured(|| run.rehearse());
    if let Some(bytes) = stack.map(Count) {
        line(board, format_args!("stack: at most {bytes} bytes below a call of the trainer"));
    }
    run.restart()?;
    board.feed_watchdog();
    run.resume(board, &mut saver)?;
    board.feed_watchdog();
    while !run.is_over() {
        run.epoch(board, &mut saver);
    }
    let results = run.test(board);
    results.details(board, T::NAMES);
    let outcome = Outcome { accuracy: results.figure(), weights_crc32: crc32(&run.trainer.weights) };
    line(board, format_args!("weights: CRC-32 {}", Hex(outcome.weights_crc32)));
    results.summary(board, T::TESTED);
    saver.report(board);
    Ok(outcome)
}

fn introduce<T: Lesson, B: Board>(board: &mut B, Settings { seed, epochs, .. }: Settings) {
    let [network, name] = [T::NAME, B::NAME].map(Name);
    let [seed, epochs] = [seed, epochs].map(|value| Count(value as usize));
    line(board, format_args!("trainlet standalone: {network} on {name}, seed {seed}, {epochs} epochs"));
    // Where runs go on, one that was cut is to be told from one that got stuck.
    if B::SLOTS.count > 0 {
        let cause = Name(board.reset_cause().name());
        line(board, format_args!("reset: {cause}"));
    }
    let [memory_bytes, trainer] = [Memory::<T>::RAM, LessonTrainer::<T>::BUDGET.total].map(Count);
    line(board, format_args!("memory: {memory_bytes} bytes, {trainer} of them for the trainer"));
}
