//! Predicts what a sensor measures, and learns from it where its label is known: of whole samples here, and of a sensor's frames in
//! [`frames`].

mod follower;
pub mod frames;
mod kept;

use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::metrics::PageHinkleyConfig;
use trainlet::nn::net::Model;

use crate::board::{Board, STACK};
use crate::lesson::{Input, Lesson, LessonTrainer, SAVE_EVERY, Target, blink};
use crate::report::line;

use follower::Follower;

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
    /// Samples from one report to the next; 0 for none. There is one more at the end.
    pub report_every: u32,
    /// When a rise of the loss is drift: of samples with a label, before they are learnt.
    pub loss_drift: PageHinkleyConfig,
    /// When a fall of the probability of the class that is predicted is drift: of all samples.
    pub confidence_drift: PageHinkleyConfig,
}

impl Settings {
    /// A tenth of a full training's rate: what was learnt before stays for a while.
    pub const DEFAULT: Self = Self {
        seed: 0,
        batch: 8,
        rate: 5e-4,
        save_every: SAVE_EVERY,
        report_every: 1000,
        loss_drift: PageHinkleyConfig { delta: 0.1, threshold: 30.0, ..PageHinkleyConfig::DEFAULT },
        confidence_drift: PageHinkleyConfig { delta: 0.02, threshold: 5.0, ..PageHinkleyConfig::DEFAULT },
    };
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
    let mut follower = Follower::<T, _>::start(board, trainer, settings, &mut ())?;
    loop {
        board.feed_watchdog();
        match read(board, input) {
            Reading::NotYet => continue,
            Reading::Over => return Ok(follower.finish(board)),
            Reading::Sample(label) => {
                let start = board.micros();
                follower.take(board, start, (&*input, label), &mut ());
            }
        }
    }
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
