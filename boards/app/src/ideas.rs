//! Ideas for training beyond the plain step, one after the other in the same memory: how many bytes each takes, what a step
//! costs, and the weights after some. The samples are made up.
//!
//! An idea is a line in the list below: its name, the trainer it needs, and how that begins.

mod learner;
mod samples;

pub use learner::{Curved, Learner, Renewed};
pub use samples::{BATCH, Sample, Samples, share};

use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::params::Params as _;
use trainlet::extra::monitor::{Monitored, MonitoredConfig, Thresholds};
use trainlet::networks::{Network as _, Watch12x1 as Net};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model as _;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Distribution, Gate, NoiseConfig, NoiseShape, Noisy, Schedule,
};
use trainlet::train::{
    Ascent, Config, Dynamic, DynamicConfig, Fisher, NoMask, Sam, SingleStep, Sparsity, TopK, Trainer,
};

use crate::board::{Board, STACK};
use crate::report::{Stack, line};

include!(concat!(env!("OUT_DIR"), "/ideas.rs"));

type Arena = [f32; Net::ARENA];
type Weights = [f32; Net::TRAINABLE];
type Bits = [u32; Net::TRAINABLE.div_ceil(32)];
/// As many copies as a mask of half the weights needs.
type Half = [f32; HALF.moved(Net::TRAINABLE)];
type AdamF32 = Adam<Weights>;
type Plain<O> = Trainer<Net, CrossEntropy, O, Arena>;
type TwoPasses<K, S> = Sam<Net, CrossEntropy, AdamF32, Arena, K, S>;
type OnePass = SingleStep<Net, CrossEntropy, AdamF32, Arena, Weights>;

const HALF: Sparsity = Sparsity(0.5);

ideas! {
    "adam" PlainAdam: Plain<AdamF32> = |trainer, config, _steps| trainer.init(config);
    "sam" PlainSam: TwoPasses<Weights, NoMask> = |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), ());
    "asam" Asam: TwoPasses<Weights, NoMask> = |trainer, config, _steps| trainer.init(config, Ascent::asam(0.5), ());
    "sam-top-k" SamTopK: TwoPasses<Half, TopK<Bits>> =
        |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), HALF);
    "sam-dynamic" SamDynamic: TwoPasses<Half, Dynamic<Bits>> =
        |trainer, config, steps| trainer.init(config, Ascent::sam(0.05), dynamic(steps));
    "sam-fisher" SamFisher: TwoPasses<Weights, Fisher<Bits>> =
        |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), HALF);
    "sam-single-step" SamSingleStep: OnePass = |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05));
    "noise" Noise: Plain<Noisy<AdamF32>> =
        |trainer, config, steps| trainer.init(config.with_optimizer(|adam| (adam, noise(steps))));
    "noise-karras" NoiseKarras: Plain<Noisy<AdamF32>> = |trainer, config, steps| {
        let noise = NoiseConfig { shape: NoiseShape::Karras, law: Distribution::Gaussian, ..noise(steps) };
        trainer.init(config.with_optimizer(|adam| (adam, noise)));
    };
    "noise-gated" NoiseGated: Plain<Noisy<AdamF32>> = |trainer, config, steps| {
        // On random samples the gradient hardly shrinks; the gate is to open now and then.
        let gate = Some(Gate { threshold: 0.9, patience: 2 });
        trainer.init(config.with_optimizer(|adam| (adam, NoiseConfig { gate, ..noise(steps) })));
    };
    "ema" Ema: Plain<Averaged<AdamF32, Weights>> =
        |trainer, config, _steps| trainer.init(config.with_optimizer(|adam| (adam, AverageConfig::of_width(0.1))));
    "sam-noise-ema" SamNoiseEma: Sam<Net, CrossEntropy, Averaged<Noisy<AdamF32>, Weights>, Arena, Weights, NoMask> =
        |trainer, config, steps| {
            let config = config.with_optimizer(|adam| ((adam, noise(steps)), AverageConfig::of_width(0.1)));
            trainer.init(config, Ascent::sam(0.05), ());
        };
    "monitor" Watched: Plain<Monitored<AdamF32, 20, 2>> =
        |trainer, config, _steps| trainer.init(config.with_optimizer(|adam| MonitoredConfig::new(adam, Thresholds::adam())));
    "lanczos" Curvature: Curved = |curved, config, _steps| {
        curved.found = [0.0; 3];
        curved.trainer.init(config);
    };
}

fn noise(steps: u32) -> NoiseConfig {
    NoiseConfig::new(0.5, steps / 10, steps)
}

fn dynamic(steps: u32) -> DynamicConfig {
    DynamicConfig { sparsity: HALF, every: 4, rate: 0.5, end: steps }
}

/// How a run of so many steps goes, with dropout and stochastic depth or without.
pub fn config(steps: u32, random: bool) -> Config<CrossEntropy, AdamConfig, f32> {
    let config = Config::new(7, Net::LOSS, AdamConfig::adam(), Schedule::cosine(5e-3, steps / 10, steps)).clipped(1.0);
    let [dropout, stochastic_depth] = if random { [0.1, 0.2] } else { [0.0; 2] };
    let (dropout, stochastic_depth) = (Dropout { p: dropout }, StochasticDepth { p: stochastic_depth });
    Config { dropout, stochastic_depth, ..config }
}

/// An idea: a trainer, and how it begins.
pub trait Idea {
    /// As it is written on a command line.
    const NAME: &'static str;
    /// Its trainer.
    type Trainer: Learner;
    /// Begins a run of so many steps, with dropout and stochastic depth or without.
    fn start(trainer: &mut Self::Trainer, steps: u32, random: bool);
}

/// Something to do with each idea, whose trainer is all zeros.
pub trait VisitIdea {
    /// Does it.
    fn visit<I: Idea>(&mut self, trainer: &mut I::Trainer);
}

macro_rules! ideas {
    ($($name:literal $idea:ident: $trainer:ty = |$value:ident, $config:ident, $steps:ident| $start:expr;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub struct $idea;

            impl Idea for $idea {
                const NAME: &'static str = $name;
                type Trainer = $trainer;

                fn start($value: &mut $trainer, $steps: u32, random: bool) {
                    let $config = config($steps, random);
                    $start;
                }
            }
        )+

        /// Names of all ideas.
        pub const NAMES: &[&str] = &[$($name),+];

        /// Room for the trainer of one idea at a time. The tag has a byte of its own, so that all of it begins as zeros.
        #[repr(u8)]
        #[allow(clippy::large_enum_variant, reason = "it is a static")]
        pub enum Room {
            /// For any.
            Free,
            $(
                #[doc = concat!("For `", $name, "`.")]
                $idea($trainer),
            )+
        }

        /// Calls `visitor` with each idea in turn.
        pub fn visit(room: &mut Room, visitor: &mut impl VisitIdea) {
            $(
                // A constant is copied into place, without a stop on the stack.
                *room = const { Room::$idea(<$trainer as Learner>::ZERO) };
                if let Room::$idea(trainer) = room {
                    visitor.visit::<$idea>(trainer);
                }
            )+
        }
    };
}
use ideas;

struct Memory {
    room: Room,
    samples: Samples,
}

static CELL: ConstStaticCell<Memory> = ConstStaticCell::new(Memory { room: Room::Free, samples: Samples::ZERO });

/// All that the program keeps in RAM, in bytes.
pub const RAM: usize = size_of::<ConstStaticCell<Memory>>();

/// Tries each idea, and says what came of it.
pub fn run<B: Board>(board: &mut B) -> ! {
    const { assert_fits(RAM + STACK, B::RAM) };
    line(board, format_args!("trainlet ideas: {} on {}, {STEPS} steps of {BATCH}, {RAM} bytes", Net::NAME, B::NAME));
    if let Some(Memory { room, samples }) = CELL.try_take() {
        samples.make_up();
        visit(room, &mut Report { board, samples });
    }
    board.exit();
    loop {
        core::hint::spin_loop();
    }
}

struct Report<'a, B> {
    board: &'a mut B,
    samples: &'a Samples,
}

impl<B: Board> VisitIdea for Report<'_, B> {
    fn visit<I: Idea>(&mut self, trainer: &mut I::Trainer) {
        let Self { board, samples } = self;
        // Steps in the middle of a run: many ideas have nothing to go by in the first, and noise is gone in the last.
        // Nothing random, or a sample without a block would count for one.
        I::start(trainer, 100, false);
        trainer.learn(samples.first(1));
        board.in_window(format_args!("{}: one", I::NAME), || trainer.learn(samples.first(1)));
        board.in_window(format_args!("{}: two", I::NAME), || trainer.learn(samples.first(2)));
        let (crc, stack) = board.with_stack_measured(|| samples.rehearse::<I>(trainer, STEPS));
        let (bytes, stack) = (I::Trainer::BUDGET.total, Stack(stack));
        line(*board, format_args!("{}: {bytes} bytes, {stack}, CRC-32 {crc:08x}", I::NAME));
    }
}
