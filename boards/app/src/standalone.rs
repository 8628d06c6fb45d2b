//! Trains on the recordings in flash from the moment the board is switched on, and reports progress: the [`lesson`]
//! of `watch-12x1`.

use trainlet::core::params::Params;
use trainlet::core::setting::OutOfRange;
use trainlet::metrics::Metrics;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::nn::stem::{Int8, PatchEmbedding};

use crate::board::Board;
use crate::lesson::{self, Lesson, Sample};
use crate::watch::{AXES, EXERCISES, People, SCALE, TOKENS, Window};

pub use crate::lesson::{Outcome, Settings};

include!(concat!(env!("OUT_DIR"), "/activations.rs"));

/// `watch-12x1` on the bytes of the recordings as they lie in flash; `K` is what its block keeps.
pub type Keeping<K> = trainlet::nn::net::Net<
    TOKENS,
    12,
    Int8<PatchEmbedding<TOKENS, AXES, 1, 12>, AXES>,
    [MixerBlock<TOKENS, 12, 16, 24, Gelu, K>; 1],
    MeanHead<12, { EXERCISES.len() }>,
>;
/// With what is chosen when the program is built.
pub type Net = Keeping<Kept>;
const _: () = assert!(Net::COUNT == Watch12x1::COUNT);

/// All RAM of the program but the stack.
pub type Memory = lesson::Memory<Exercises>;

/// Shoulder exercises, told apart.
pub struct Exercises;

/// The people of the test data.
const TEST: People = People::only(&[9, 10]);
const TRAIN: People = TEST.others();

impl Lesson for Exercises {
    const NAME: &'static str = Watch12x1::NAME;
    const NAMES: &'static [&'static str] = &EXERCISES;
    const TESTED: &'static str = "windows of people 9 and 10";
    const LOSS: CrossEntropy = CrossEntropy::new();
    type Model = Net;
    type Loss = CrossEntropy;
    type State = [f32; Net::TRAINABLE];
    type Arena = [f32; Net::ARENA];
    type Results = Metrics<{ EXERCISES.len() }>;

    fn train_len() -> u32 {
        TRAIN.len() as u32
    }

    fn train(index: u32) -> Option<Sample<Self>> {
        sample(TRAIN, index)
    }

    fn test_len() -> u32 {
        TEST.len() as u32
    }

    fn test(index: u32) -> Option<Sample<Self>> {
        sample(TEST, index)
    }

    fn start(weights: &mut Net) -> Result<(), OutOfRange> {
        let scaler = TRAIN.fit();
        weights.stem.set(SCALE, scaler.mean, scaler.std)
    }
}

fn sample(people: People, index: u32) -> Option<Sample<Exercises>> {
    people.window(index as usize).map(|Window { counts, label, .. }| (counts, label))
}

/// Trains, reports, and then blinks forever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory, settings: Settings) -> ! {
    lesson::run(board, memory, settings)
}

/// Trains and reports.
///
/// # Errors
/// A setting is out of range.
pub fn train<B: Board>(board: &mut B, memory: &mut Memory, settings: Settings) -> Result<Outcome, OutOfRange> {
    lesson::train(board, memory, settings)
}
