//! A short run of the program that trains by itself, to be interrupted.

use core::marker::PhantomData;

use trainlet::core::params::Params;
use trainlet::core::setting::OutOfRange;
use trainlet::metrics::Metrics;
use trainlet::nn::block::{Keep, Recompute};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Bf16;
use trainlet_app::lesson::{Lesson, Sample, Settings};
use trainlet_app::standalone::{Exercises, Keeping};

/// A save after each step; the second of an epoch has fewer samples.
pub const SETTINGS: Settings = Settings { epochs: 4, save_every: 1, ..Settings::DEFAULT };
const TRAIN: u32 = 36;
const TEST: u32 = 8;
/// So that there are several exercises among them.
const EVERY: u32 = 70;

type Kept = Keeping<Keep>;
type Recomputed = Keeping<Recompute>;

/// A few of the exercises; `V` is [`KeepF32`] or [`RecomputeBf16`].
pub struct Short<V>(PhantomData<V>);

/// Everything is kept, in `f32`.
pub struct KeepF32;
/// The inputs of branches are kept, and Adam's numbers in 16 bits.
pub struct RecomputeBf16;

macro_rules! short {
    ($variant:ty, $net:ty, $state:ty) => {
        impl Lesson for Short<$variant> {
            const NAME: &'static str = Exercises::NAME;
            const NAMES: &'static [&'static str] = Exercises::NAMES;
            const TESTED: &'static str = "windows";
            const LOSS: CrossEntropy = CrossEntropy::new();
            type Model = $net;
            type Loss = CrossEntropy;
            type State = $state;
            type Arena = [f32; <$net>::ARENA];
            type Results = Metrics<7>;

            fn train_len() -> u32 {
                TRAIN
            }

            fn train(index: u32) -> Option<Sample<Self>> {
                Exercises::train(index * EVERY)
            }

            fn test_len() -> u32 {
                TEST
            }

            fn test(index: u32) -> Option<Sample<Self>> {
                Exercises::test(index * EVERY)
            }

            fn start(weights: &mut $net) -> Result<(), OutOfRange> {
                // Means and deviations would be computed at every start.
                weights.stem.set([1.0 / 64.0; 6], [0.0; 6], [1.0; 6])
            }
        }
    };
}

short!(KeepF32, Kept, [f32; Kept::TRAINABLE]);
short!(RecomputeBf16, Recomputed, [Bf16; Recomputed::TRAINABLE]);
