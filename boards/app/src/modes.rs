//! Every way of training a network, one after the other: how many bytes each takes, and the weights that it ends with. The
//! samples are made up, so that any network will do.

use static_cell::ConstStaticCell;
use trainlet::core::budget::{Budget, assert_fits};
use trainlet::core::checksum::crc32;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Family, Network};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::Classify;
use trainlet::optim::{Adam, AdamConfig, Momentum, MomentumConfig, Optimizer, Schedule, Sgd, SgdConfig, State};
use trainlet::train::{Config, Online, Trainer};

use crate::board::{Board, STACK};
use crate::report::{Stack, line};

include!(concat!(env!("OUT_DIR"), "/modes.rs"));

/// A way of training.
pub trait Mode {
    /// What it keeps, the optimiser, and how its state is stored.
    const NAME: &'static str;
    /// The trainer of a network.
    type Of<F: Family>: Rehearse;
}

/// Something to do with a way of training.
pub trait VisitMode {
    /// Does it.
    fn visit<T: Rehearse>(&mut self, name: &'static str);
}

macro_rules! modes {
    ($($name:literal $mode:ident = $trainer:ty;)+) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub struct $mode;

            impl Mode for $mode {
                const NAME: &'static str = $name;
                type Of<F: Family> = $trainer;
            }
        )+

        /// Their names.
        pub const NAMES: &[&str] = &[$($name),+];

        /// Calls `visitor` with each of them that the network has.
        pub fn visit<F: Family>(visitor: &mut impl VisitMode) {
            $(if F::HAS_PARTS || !trains_a_part($name) {
                visitor.visit::<<$mode as Mode>::Of<F>>($name);
            })+
        }
    };
}

/// Whether a mode, by its name, leaves some of the weights as they are.
pub fn trains_a_part(mode: &str) -> bool {
    ["last-block", "biases", "head"].iter().any(|part| mode.starts_with(part))
}

type Batches<M, O> = Trainer<M, <M as Network>::Loss, O, <M as Network>::Arena>;
type Singles<M, O> = Online<M, <M as Network>::Loss, O, <M as Network>::Online>;
type F32<M> = <M as Network>::F32;
type Bf16<M> = <M as Network>::Bf16;
type Block8<M> = <M as Network>::Block8;

modes! {
    "keep-adam" KeepAdam = Batches<F, Adam<F32<F>>>;
    "keep-slopes-adam" KeepSlopesAdam = Batches<F::KeepSlopes, Adam<F32<F::KeepSlopes>>>;
    "recompute-adam" RecomputeAdam = Batches<F::Recompute, Adam<F32<F::Recompute>>>;
    "block-input-adam" BlockInputAdam = Batches<F::BlockInput, Adam<F32<F::BlockInput>>>;
    "checkpoint-adam" CheckpointAdam = Batches<F::Checkpoint, Adam<F32<F::Checkpoint>>>;
    "recompute-adam-bf16" RecomputeAdamBf16 = Batches<F::Recompute, Adam<Bf16<F::Recompute>>>;
    "recompute-adam-8bit" RecomputeAdam8bit = Batches<F::Recompute, Adam<Block8<F::Recompute>>>;
    "recompute-momentum" RecomputeMomentum = Batches<F::Recompute, Momentum<F32<F::Recompute>>>;
    "recompute-momentum-bf16" RecomputeMomentumBf16 = Batches<F::Recompute, Momentum<Bf16<F::Recompute>>>;
    "recompute-momentum-8bit" RecomputeMomentum8bit = Batches<F::Recompute, Momentum<Block8<F::Recompute>>>;
    "recompute-sgd" RecomputeSgd = Batches<F::Recompute, Sgd>;
    "online-adam" OnlineAdam = Singles<F::BlockInput, Adam<F32<F::BlockInput>>>;
    "online-adam-8bit" OnlineAdam8bit = Singles<F::BlockInput, Adam<Block8<F::BlockInput>>>;
    "online-momentum-8bit" OnlineMomentum8bit = Singles<F::BlockInput, Momentum<Block8<F::BlockInput>>>;
    "online-sgd" OnlineSgd = Singles<F::BlockInput, Sgd>;
    "last-block-adam" LastBlockAdam = Batches<F::LastBlock, Adam<F32<F::LastBlock>>>;
    "biases-adam" BiasesAdam = Batches<F::Biases, Adam<F32<F::Biases>>>;
    "head-adam" HeadAdam = Batches<F::Head, Adam<F32<F::Head>>>;
}

/// A trainer that can make some steps on its own.
pub trait Rehearse {
    /// What it trains.
    type Network: Network<Input = Self::Input>;
    /// A sample.
    type Input: Tensor;
    /// All zeros.
    const ZERO: Self;
    /// Its RAM.
    const BUDGET: Budget;
    /// Samples that share an update in a real training.
    const USUAL_BATCH: u32;

    /// Begins anew a run of so many steps of [`BATCH`] samples each, with everything random switched on or off.
    fn start(&mut self, steps: u32, random: bool);

    /// Learns from a sample.
    fn sample(&mut self, input: &Self::Input, class: usize);

    /// Changes the weights, unless each sample does so.
    fn update(&mut self);

    /// CRC-32 of the weights.
    fn crc32(&self) -> u32;
}

/// Samples per step.
pub const BATCH: u32 = 2;

/// An optimiser with the settings of a rehearsal.
pub trait Usual: Optimizer {
    /// Its settings.
    const CONFIG: Self::Config;
    /// Full learning rate.
    const RATE: f32;
}

impl<S: State> Usual for Adam<S> {
    const CONFIG: AdamConfig = AdamConfig::adamw(0.01);
    const RATE: f32 = 5e-3;
}

impl<S: State> Usual for Momentum<S> {
    const CONFIG: MomentumConfig = MomentumConfig::new(0.9);
    const RATE: f32 = 5e-3;
}

impl Usual for Sgd {
    const CONFIG: SgdConfig = SgdConfig { weight_decay: 0.0 };
    const RATE: f32 = 2e-2;
}

fn config<M: Network, O: Usual>(steps: u32, random: bool) -> Config<M::Loss, O::Config> {
    let config = Config::new(7, M::LOSS, O::CONFIG, Schedule::cosine(O::RATE, steps / 10, steps));
    let [dropout, stochastic_depth] = if random { [0.1, 0.2] } else { [0.0; 2] };
    let (dropout, stochastic_depth) = (Dropout { p: dropout }, StochasticDepth { p: stochastic_depth });
    Config { dropout, stochastic_depth, ..config }
}

impl<M: Network, O: Usual> Rehearse for Batches<M, O> {
    type Network = M;
    type Input = M::Input;
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;
    const USUAL_BATCH: u32 = 32;

    fn start(&mut self, steps: u32, random: bool) {
        self.init(config::<M, O>(steps, random).clipped(1.0));
    }

    fn sample(&mut self, input: &M::Input, class: usize) {
        let _ = self.accumulate(input, &M::Loss::target(class), 1.0 / BATCH as f32);
    }

    fn update(&mut self) {
        self.step();
    }

    fn crc32(&self) -> u32 {
        crc32(&self.weights)
    }
}

impl<M: Network, O: Usual> Rehearse for Singles<M, O> {
    type Network = M;
    type Input = M::Input;
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;
    const USUAL_BATCH: u32 = 1;

    fn start(&mut self, steps: u32, random: bool) {
        self.init(config::<M, O>(steps * BATCH, random));
    }

    fn sample(&mut self, input: &M::Input, class: usize) {
        let _ = self.learn(input, &M::Loss::target(class));
    }

    fn update(&mut self) {}

    fn crc32(&self) -> u32 {
        crc32(&self.weights)
    }
}

/// A trainer and its sample.
pub struct Memory<T: Rehearse> {
    trainer: T,
    input: T::Input,
}

impl<T: Rehearse> Memory<T> {
    /// All zeros.
    pub const ZERO: Self = Self { trainer: T::ZERO, input: T::Input::ZERO };
    /// The same in a cell that hands it out once, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();

    /// Makes so many steps with everything random switched on, and gives the CRC-32 of the weights.
    pub fn rehearse(&mut self, steps: u32) -> u32 {
        let Self { trainer, input } = self;
        trainer.start(steps, true);
        for step in 0..steps {
            for index in step * BATCH..(step + 1) * BATCH {
                let class = make_up::<T>(input, index);
                trainer.sample(input, class);
            }
            trainer.update();
        }
        trainer.crc32()
    }

    /// Learns from a sample and changes the weights once, and gives the microseconds of both.
    fn time<B: Board>(&mut self, board: &mut B, name: &str) -> [u64; 2] {
        let Self { trainer, input } = self;
        trainer.start(1, false);
        let class = make_up::<T>(input, 0);
        let started = board.micros();
        board.in_window(format_args!("{name}: sample"), || trainer.sample(input, class));
        let between = board.micros();
        board.in_window(format_args!("{name}: update"), || trainer.update());
        [between - started, board.micros() - between]
    }
}

/// Makes up sample number `index`, and gives its class.
fn make_up<T: Rehearse>(input: &mut T::Input, index: u32) -> usize {
    let mut random = Key::new(9, Purpose::Order).child(u64::from(index)).stream();
    for x in input.flat_mut() {
        *x = 2.0 * random.uniform() - 1.0;
    }
    index as usize % classes::<T::Network>()
}

const fn classes<M: Network>() -> usize {
    <M::Loss as Classify<M::Output>>::CLASSES
}

/// Makes all steps in each mode that the program was built with, and says what came of it.
pub fn run<B: Board>(board: &mut B) -> ! {
    const { assert_fits(RAM + STACK, B::RAM) };
    line(board, format_args!("trainlet modes: {} on {}, {STEPS} steps of {BATCH}, {RAM} bytes", Net::NAME, B::NAME));
    run_each(board);
    board.exit();
    loop {
        core::hint::spin_loop();
    }
}

fn report<B: Board, T: Rehearse>(board: &mut B, name: &str, cell: &'static ConstStaticCell<Memory<T>>) {
    let Some(memory) = cell.try_take() else { return };
    let [sample, update] = memory.time(board, name);
    let (crc, stack) = board.with_stack_measured(|| memory.rehearse(STEPS));
    let (ram, stack) = (T::BUDGET.total, Stack(stack));
    line(board, format_args!("{name}: {ram} bytes, {stack}, {sample} + {update} us, CRC-32 {crc:08x}"));
}
