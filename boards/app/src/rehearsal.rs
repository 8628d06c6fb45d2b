//! The recordings of the watch in place of a sensor: frame by frame in its rhythm, but faster, while a network that knows nothing yet
//! learns the exercises.

use trainlet::core::params::Params;
use trainlet::core::setting::OutOfRange;
use trainlet::data::{ScalerFit, StreamScaler};
use trainlet::metrics::Metrics;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;

use crate::board::Board;
use crate::lesson::{Lesson, Sample};
use crate::stream::Settings;
use crate::stream::frames::{self, Frame, Sensor};
use crate::watch::{HOP, RECORDINGS, TOKENS};

pub use crate::stream::frames::Outcome;
pub use crate::watch::{AXES, EXERCISES};

/// How many times faster than the watch measured.
pub const SPEED: u64 = 400;
/// Microseconds from one frame of the watch to the next: it measured 6.25 per second.
const PERIOD: u64 = 160_000;
/// Frames that can wait, and one more: two windows' worth, while one is learnt.
const QUEUE: usize = 2 * HOP + 1;

/// All RAM of the program but the stack.
pub type Memory = frames::Memory<Exercises, AXES, TOKENS, HOP, QUEUE>;

/// The settings of the learning: steps as large as at the start of a training, since nothing was learnt before. A rehearsal begins anew
/// each time, so nothing is saved.
pub const SETTINGS: Settings = Settings { rate: 5e-3, save_every: 0, ..Settings::DEFAULT };

/// Shoulder exercises, told apart by `watch-12x1` from frames in physical units.
pub struct Exercises;

impl Lesson for Exercises {
    const NAME: &'static str = Watch12x1::NAME;
    const NAMES: &'static [&'static str] = &EXERCISES;
    const TESTED: &'static str = "windows";
    const LOSS: CrossEntropy = CrossEntropy::new();
    type Model = Watch12x1;
    type Loss = CrossEntropy;
    type State = [f32; Watch12x1::TRAINABLE];
    type Arena = [f32; Watch12x1::ARENA];
    type Results = Metrics<{ EXERCISES.len() }>;

    /// There is nothing but the sensor.
    fn train_len() -> u32 {
        0
    }

    fn train(_: u32) -> Option<Sample<Self>> {
        None
    }

    fn test_len() -> u32 {
        0
    }

    fn test(_: u32) -> Option<Sample<Self>> {
        None
    }
}

/// Plays one recording after the other; between two of them is a pause.
pub struct Player {
    recording: usize,
    frame: usize,
    /// When the next frame is due, in microseconds; `None` until the first call, which is when the watch is switched on.
    due: Option<u64>,
}

impl Player {
    /// From the start.
    pub const fn new() -> Self {
        Self { recording: 0, frame: 0, due: None }
    }

    /// Gives the sensor's end of a queue all frames that are due by the clock of the board. `false` after the last.
    pub fn play<B: Board>(&mut self, board: &mut B, sensor: &mut Sensor<AXES, usize>) -> bool {
        let now = board.micros();
        let mut due = self.due.unwrap_or(now);
        while due <= now {
            let Some(frame) = self.next() else { return false };
            // One that is lost is counted at the other end.
            sensor.push(frame);
            due += PERIOD / SPEED;
        }
        self.due = Some(due);
        true
    }
}

impl Default for Player {
    fn default() -> Self {
        Self::new()
    }
}

impl Iterator for Player {
    type Item = Frame<AXES, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let recording = RECORDINGS.get(self.recording)?;
            if let Some(values) = recording.frame(self.frame) {
                let begins = self.frame == 0;
                self.frame += 1;
                return Some(Frame { values, label: Some(recording.label), begins });
            }
            (self.recording, self.frame) = (self.recording + 1, 0);
        }
    }
}

/// Standardises by the frames so far: nobody has seen any before.
pub const SCALER: StreamScaler<AXES> = StreamScaler::Running(ScalerFit::ZERO);

/// Plays all recordings, reports, and then blinks forever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory) -> ! {
    let (mut sensor, listener) = memory.split();
    let mut player = Player::new();
    listener.run(board, SETTINGS, SCALER, |board| player.play(board, &mut sensor))
}

/// Plays all recordings and reports.
///
/// # Errors
/// A setting is out of range.
pub fn rehearse<B: Board>(
    board: &mut B,
    memory: &mut Memory,
    settings: Settings,
    scaler: StreamScaler<AXES>,
) -> Result<Outcome, OutOfRange> {
    let (mut sensor, listener) = memory.split();
    let mut player = Player::new();
    listener.follow(board, settings, scaler, |board| player.play(board, &mut sensor))
}
