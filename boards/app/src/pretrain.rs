//! Learning without labels, and then with them in the same memory: half of the steps each. A program of its own beside
//! [`ideas`](crate::ideas), whose samples it has: its trainers are statics that begin as zeros, and no image of them is in flash.

use static_cell::ConstStaticCell;
use trainlet::core::budget::{Budget, assert_fits};
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params as _;
use trainlet::core::tensor::Tensor;
use trainlet::extra::masked::{PhaseLoss, Phases, Pretext};
use trainlet::networks::{Network as _, Watch12x1 as Net, Watch12x1Replaced, Watch12x1Seen};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, Optimizer};
use trainlet::train::{Config, Trainer};

use crate::board::{Board, STACK};
use crate::ideas::{STEPS, Sample, Samples, config, share};
use crate::report::{Stack, line};

/// Both phases, with mask tokens in the place of hidden ones.
type Replaced = Phases<Watch12x1Replaced, Net>;
/// Both phases, with blocks that see the visible tokens alone.
type Seen = Phases<Watch12x1Seen, Net>;
/// The trainer of [`NAMES`]' first.
pub type Replacing = Both<Watch12x1Replaced, Adam<[f32; Replaced::TRAINABLE]>, [f32; Replaced::ARENA]>;
/// The trainer of [`NAMES`]' second.
pub type Seeing = Both<Watch12x1Seen, Adam<[f32; Seen::TRAINABLE]>, [f32; Seen::ARENA]>;
type Both<P, O, A> = Trainer<Phases<P, Net>, PhaseLoss<CrossEntropy>, O, A>;

/// What the blocks see, by name.
pub const NAMES: [&str; 2] = ["masked-replace", "masked-subset"];

/// A trainer of two phases.
pub trait TwoPhases {
    /// All zeros.
    const ZERO: Self;
    /// Its RAM.
    const BUDGET: Budget;

    /// Begins a run of so many steps without labels, with dropout and stochastic depth or without.
    fn start(&mut self, steps: u32, random: bool);

    /// Goes on with so many steps with labels.
    fn go_on(&mut self, steps: u32);

    /// Makes a step of the samples.
    fn learn(&mut self, batch: &[Sample]);

    /// CRC-32 of the weights.
    fn crc32(&self) -> u32;

    /// Makes half of so many steps without labels, half with them, and gives the CRC-32 of the weights.
    fn rehearse(&mut self, samples: &Samples, steps: u32) -> u32 {
        let half = steps / 2;
        self.start(half, true);
        samples.batches().take(half as usize).for_each(|batch| self.learn(batch));
        self.go_on(steps - half);
        samples.batches().take((steps - half) as usize).for_each(|batch| self.learn(batch));
        self.crc32()
    }
}

impl<P: Pretext<Input = <Net as Model>::Input>, O: Optimizer<Config = AdamConfig>, A: Tensor> TwoPhases
    for Both<P, O, A>
{
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;

    fn start(&mut self, steps: u32, random: bool) {
        self.init(with(config(steps, random), |_| PhaseLoss::Unlabelled));
    }

    fn go_on(&mut self, steps: u32) {
        self.fine_tune(with(config(steps, true), PhaseLoss::Labelled));
    }

    fn learn(&mut self, batch: &[Sample]) {
        for Sample { input, class } in batch {
            let target = self.weights.classifier().map(|_| *class as usize);
            let _ = self.accumulate(input, &target, share(batch));
        }
        self.step();
    }

    fn crc32(&self) -> u32 {
        crc32(&self.weights)
    }
}

/// The same settings with a loss of either phase.
fn with<L>(
    config: Config<CrossEntropy, AdamConfig, f32>,
    loss: impl FnOnce(CrossEntropy) -> L,
) -> Config<L, AdamConfig, f32> {
    let Config { seed, loss: labelled, optimizer, schedule, clip, dropout, stochastic_depth } = config;
    Config { seed, loss: loss(labelled), optimizer, schedule, clip, dropout, stochastic_depth }
}

struct Memory {
    replacing: Replacing,
    seeing: Seeing,
    samples: Samples,
}

static CELL: ConstStaticCell<Memory> =
    ConstStaticCell::new(Memory { replacing: Replacing::ZERO, seeing: Seeing::ZERO, samples: Samples::ZERO });

/// All that the program keeps in RAM, in bytes.
pub const RAM: usize = size_of::<ConstStaticCell<Memory>>();

/// Tries both, and says what came of it.
pub fn run<B: Board>(board: &mut B) -> ! {
    const { assert_fits(RAM + STACK, B::RAM) };
    line(board, format_args!("trainlet pretrain: {} on {}, {STEPS} steps, {RAM} bytes", Net::NAME, B::NAME));
    if let Some(Memory { replacing, seeing, samples }) = CELL.try_take() {
        samples.make_up();
        let [first, second] = NAMES;
        report(board, first, replacing, samples);
        report(board, second, seeing, samples);
    }
    board.exit();
    loop {
        core::hint::spin_loop();
    }
}

/// The cycles are those of a step without labels.
fn report<B: Board, T: TwoPhases>(board: &mut B, name: &str, trainer: &mut T, samples: &Samples) {
    trainer.start(100, false);
    trainer.learn(samples.first(1));
    board.in_window(format_args!("{name}: one"), || trainer.learn(samples.first(1)));
    board.in_window(format_args!("{name}: two"), || trainer.learn(samples.first(2)));
    let (crc, stack) = board.with_stack_measured(|| trainer.rehearse(samples, STEPS));
    let (bytes, stack) = (T::BUDGET.total, Stack(stack));
    line(board, format_args!("{name}: {bytes} bytes, {stack}, CRC-32 {crc:08x}"));
}
