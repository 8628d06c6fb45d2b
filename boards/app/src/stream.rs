//! Predicts what a sensor measures, and learns from it where its label is known.

mod kept;

use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::checksum::crc32;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::nn::net::Model;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::Config;

use kept::Kept;

use crate::board::{Board, STACK};
use crate::lesson::{CLIP, Input, Lesson, LessonTrainer, SAVE_EVERY, Target, blink};
use crate::report::{Count, Hex, Name, line};
use crate::results::Results;
use crate::saver::Saver;

/// What a look at the sensor has brought.
pub enum Reading<L> {
    /// No whole sample yet.
    NotYet,
    /// The input is a sample; its label, where it is known.
    Sample(Option<L>),
    /// Nothing more will come, as in a rehearsal.
    Over,
}

/// All RAM of the program but the stack.
pub struct Memory<T: Lesson>
where
    Input<T>: Tensor,
{
    trainer: LessonTrainer<T>,
    input: Input<T>,
}

impl<T: Lesson> Memory<T>
where
    Input<T>: Tensor,
{
    /// All zeros.
    pub const ZERO: Self = Self { trainer: LessonTrainer::<T>::ZERO, input: <Input<T>>::ZERO };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// Settings of the learning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Fixes every random number.
    pub seed: u32,
    /// Samples with a label per step.
    pub batch: u32,
    /// The learning rate, which stays.
    pub rate: f32,
    /// Steps from one save to the next, on a board that keeps checkpoints; 0 for none.
    pub save_every: u32,
}

impl Settings {
    /// A tenth of a full training's rate: what was learnt before stays for a while.
    pub const DEFAULT: Self = Self { seed: 0, batch: 8, rate: 5e-4, save_every: SAVE_EVERY };
}

/// Reads, predicts and learns for as long as the sensor gives something. On a board that keeps checkpoints it goes on after the board
/// has been switched off, with what was learnt and counted up to the last save.
pub fn run<T: Lesson, B: Board>(
    board: &mut B,
    memory: &mut Memory<T>,
    settings: Settings,
    read: impl FnMut(&mut B, &mut Input<T>) -> Reading<Target<T>>,
) -> !
where
    Input<T>: Tensor,
{
    const { assert_fits(Memory::<T>::RAM + STACK, B::RAM) };
    if follow(board, memory, settings, read).is_err() {
        line(board, format_args!("a setting is out of its range"));
    }
    blink(board)
}

/// The same, until the sensor says that it is over. Gives the CRC-32 of the weights.
///
/// # Errors
/// A setting is out of range.
pub fn follow<T: Lesson, B: Board>(
    board: &mut B,
    memory: &mut Memory<T>,
    settings: Settings,
    mut read: impl FnMut(&mut B, &mut Input<T>) -> Reading<Target<T>>,
) -> Result<u32, OutOfRange>
where
    Input<T>: Tensor,
{
    let Memory { trainer, input } = memory;
    let batch = settings.batch;
    let [network, name, cause] = [T::NAME, B::NAME, board.reset_cause().name()].map(Name);
    line(board, format_args!("trainlet stream: {network} on {name}, reset: {cause}"));
    let mut saver = Saver::new(board);
    let mut run = Kept::<T>::resume(board, trainer, settings, &mut saver)?;
    loop {
        board.feed_watchdog();
        match read(board, input) {
            Reading::NotYet => continue,
            Reading::Over => break,
            Reading::Sample(label) => {
                run.samples = run.samples.saturating_add(1);
                let output = run.trainer.predict(input);
                T::Results::answer(board, T::NAMES, output.flat());
                let Some(target) = label else { continue };
                let Ok(loss) = run.trainer.accumulate(input, &target, 1.0 / batch as f32) else { continue };
                run.results.push(loss, &target, output.flat());
                if run.results.count().is_multiple_of(batch) {
                    board.set_led(true);
                    run.trainer.step();
                    board.set_led(false);
                    run.save(board, &mut saver);
                }
            }
        }
    }
    let crc = crc32(&run.trainer.weights);
    let (seen, steps) = (Count(run.samples as usize), Count(run.trainer.steps() as usize));
    line(board, format_args!("stream: {seen} samples, {steps} steps"));
    run.results.summary(board, "samples with a label");
    line(board, format_args!("weights: CRC-32 {}", Hex(crc)));
    Ok(crc)
}

fn start<T: Lesson>(trainer: &mut LessonTrainer<T>, settings: Settings) -> Result<(), OutOfRange> {
    let Settings { seed, rate, .. } = settings;
    let config = Config::new(u64::from(seed), T::LOSS, AdamConfig::adam(), Schedule::constant(rate));
    trainer.init(config.clipped(CLIP))?;
    T::start(&mut trainer.weights)
}

/// Makes trained weights, in flash, those that a program starts with.
pub fn copy<M: Model>(from: &M, to: &mut M) {
    let mut number = 0;
    to.walk(&mut |_, to| {
        let mut other = 0;
        from.read(&mut |_, from| {
            if other == number {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
            other += 1;
        });
        number += 1;
    });
}
