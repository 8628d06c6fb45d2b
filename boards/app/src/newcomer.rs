//! One of the ten people of the recordings is new to a network that the others have trained: the first halves of their recordings are played
//! in place of a sensor, each window with its label, and it adapts. Who that is, how many windows have a label, the weights and the
//! windows in flash are in a file that `host-sim personalise` writes.

use trainlet::core::params::Params;
use trainlet::core::setting::OutOfRange;
use trainlet::metrics::Metrics;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::block::Recompute;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;

use crate::adapt::{self, Reading, Settings};
use crate::board::Board;
use crate::lesson::{Lesson, Sample};
use crate::standalone::Keeping;
use crate::watch::{AXES, EXERCISES, People, Recording, SCALE, TOKENS, Window, fit};

include!(concat!(env!("OUT_DIR"), "/adaptation.rs"));

/// What learns: `watch-12x1`, whose block keeps the inputs of its branches alone, so that there is more room for windows.
pub type Net = Keeping<Recompute>;
const _: () = assert!(PRETRAINED.len() == Net::COUNT, "write the file anew with `host-sim personalise --firmware`");
/// The most windows that are kept: nobody's first halves have more.
pub const KEPT: usize = 213;
/// All RAM of the program but the stack.
pub type Memory = adapt::Memory<Newcomer, AXES, TOKENS, KEPT, { EXERCISES.len() }>;

const NEW: People = People::only(&[SUBJECT]);
const OTHERS: People = NEW.others();

/// Shoulder exercises of somebody new, told apart.
pub struct Newcomer;

impl Lesson for Newcomer {
    const NAME: &'static str = Watch12x1::NAME;
    const NAMES: &'static [&'static str] = &EXERCISES;
    const TESTED: &'static str = "windows of somebody new";
    const LOSS: CrossEntropy = CrossEntropy::new();
    type Model = Net;
    type Loss = CrossEntropy;
    type State = [f32; Net::TRAINABLE];
    type Arena = [f32; Net::ARENA];
    type Results = Metrics<{ EXERCISES.len() }>;

    fn train_len() -> u32 {
        REPLAYED.len() as u32
    }

    fn train(index: u32) -> Option<Sample<Self>> {
        let number = REPLAYED.get(index as usize)?;
        OTHERS.window(usize::from(*number)).map(sample)
    }

    fn test_len() -> u32 {
        NEW.some_windows(Recording::late).count() as u32
    }

    fn test(index: u32) -> Option<Sample<Self>> {
        NEW.some_windows(Recording::late).nth(index as usize).map(sample)
    }

    fn start(weights: &mut Net) -> Result<(), OutOfRange> {
        let mut values = PRETRAINED.iter();
        weights.walk(&mut |_, leaf| leaf.iter_mut().zip(&mut values).for_each(|(to, from)| *to = *from));
        let scaler = fit(OTHERS.some_windows(Recording::early));
        weights.stem.set(SCALE, scaler.mean, scaler.std)
    }
}

fn sample(window: Window) -> Sample<Newcomer> {
    (window.counts, window.label)
}

/// The windows of the new one that have a label.
fn labelled() -> impl Iterator<Item = Window> {
    NEW.some_windows(|recording| {
        let early = recording.early();
        LABELS.map_or(early.clone(), |labels| early.start..early.end.min(early.start + labels))
    })
}

/// Adapts, reports, and then blinks forever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory) -> ! {
    adapt::run(board, memory, SETTINGS, player())
}

/// Plays the windows one by one; then it is time to learn, and then it is over.
pub fn player<B: Board>() -> impl FnMut(&mut B, &mut [[i8; AXES]; TOKENS]) -> Reading {
    let mut windows = labelled();
    let mut is_over = false;
    move |_, input| match windows.next() {
        Some(window) => {
            *input = *window.counts;
            Reading::Labelled(window.label)
        }
        None if is_over => Reading::Over,
        None => {
            is_over = true;
            Reading::Learn
        }
    }
}
