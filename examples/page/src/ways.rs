//! The networks of the page, and the ways in which each of them can be trained: host-sim's, by host-sim's names.

use std::any::TypeId;

use trainlet::core::budget::Budget;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{
    Family, Network, Watch12x1, Watch16x2, Watch24x4r, Watch26x2, WatchConvNext, WatchInception, WatchMlp,
    WatchPyramid, WatchResNet,
};
use trainlet::nn::head::DenseHead;
use trainlet::nn::loss::{CrossEntropy, Loss};
use trainlet::nn::net::Net;
use trainlet::nn::stem::DenseStem;
use trainlet::optim::{Adam, AdamConfig, Schedule, State};
use trainlet::train::{Config, Trainer};

use crate::learner::{AnyLearner, Rows};

/// Columns of a table, at most.
pub const COLUMNS: usize = 16;
/// Classes of a table, at most.
pub const CLASSES: usize = 8;
/// Bytes of stack that a trainer takes at most on a Cortex-M4F, as host-sim counts it.
pub const STACK: usize = 1792;
/// Largest norm of a gradient.
const CLIP: f32 = 1.0;

trainlet::network! {
    /// For a table of one's own; columns that it does not have are 0.
    pub Table = Net<1, 16, DenseStem<COLUMNS, 24, 16>, (), DenseHead<16, CLASSES>>;
    "table-16", CrossEntropy, "perceptron for up to 16 columns of numbers, up to 8 classes"
}

/// A way of training a network.
pub struct Way {
    /// Name of the network.
    pub network: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Number of its weights.
    pub parameters: usize,
    /// What is kept for the backward pass, the optimiser, and how its state is kept.
    pub mode: &'static str,
    /// RAM of the trainer and of one sample.
    pub budget: Budget,
    /// Makes a learner with weights that are drawn from a seed.
    pub start: fn(u64, Schedule) -> Result<Box<AnyLearner>, OutOfRange>,
}

/// All of them, network by network. The last network is the one for tables.
pub fn all() -> Vec<Way> {
    [
        of::<Watch12x1>(),
        of::<Watch16x2>(),
        of::<Watch26x2>(),
        of::<Watch24x4r>(),
        of::<WatchConvNext>(),
        of::<WatchResNet>(),
        of::<WatchPyramid>(),
        of::<WatchInception>(),
        of::<WatchMlp>(),
        of::<Table>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Those of a network. One that has nothing to keep in another way has fewer.
fn of<F: Family<Loss: Loss<F::Output, Target = usize>>>() -> Vec<Way> {
    let keeps_otherwise = |variant: TypeId| variant != TypeId::of::<F>();
    let mut ways = vec![way::<F, F::F32>("keep-adam")];
    if keeps_otherwise(TypeId::of::<F::KeepSlopes>()) {
        ways.push(way::<F::KeepSlopes, <F::KeepSlopes as Network>::F32>("keep-slopes-adam"));
    }
    if keeps_otherwise(TypeId::of::<F::Recompute>()) {
        ways.push(way::<F::Recompute, <F::Recompute as Network>::F32>("recompute-adam"));
    }
    if keeps_otherwise(TypeId::of::<F::BlockInput>()) {
        ways.push(way::<F::BlockInput, <F::BlockInput as Network>::F32>("block-input-adam"));
    }
    if keeps_otherwise(TypeId::of::<F::Checkpoint>()) {
        ways.push(way::<F::Checkpoint, <F::Checkpoint as Network>::F32>("checkpoint-adam"));
    }
    ways.push(way::<F::Recompute, <F::Recompute as Network>::Bf16>("recompute-adam-bf16"));
    ways.push(way::<F::Recompute, <F::Recompute as Network>::Block8>("recompute-adam-8bit"));
    ways
}

type AdamTrainer<M, S> = Trainer<M, <M as Network>::Loss, Adam<S>, <M as Network>::Arena>;

fn way<M: Network<Loss: Loss<M::Output, Target = usize>>, S: State + 'static>(mode: &'static str) -> Way {
    let sample = size_of::<f32>() * M::Input::LEN;
    let trainer = AdamTrainer::<M, S>::BUDGET;
    Way {
        network: M::NAME,
        about: M::ABOUT,
        parameters: M::COUNT,
        mode,
        budget: trainer.with_buffers(sample, 0, trainer.total + sample),
        start: start::<M, S>,
    }
}

fn start<M: Network<Loss: Loss<M::Output, Target = usize>>, S: State + 'static>(
    seed: u64,
    schedule: Schedule,
) -> Result<Box<AnyLearner>, OutOfRange> {
    let config = Config::new(seed, M::LOSS, AdamConfig::adam(), schedule).clipped(CLIP);
    let mut rows = Box::new(Rows::new(AdamTrainer::<M, S>::ZERO));
    rows.inner().init(config)?;
    Ok(rows)
}
