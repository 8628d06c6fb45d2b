//! A network in figures, and what can be done with it.

use std::sync::Arc;

use trainlet::core::budget::Budget;
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::link::message::fingerprint;
use trainlet::networks::Family;
use trainlet::nn::graph::Graph;
use trainlet::nn::loss::{LossOptions, NoSuchOption, Supervised, Task};
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::{Predictor, Trainer};

use super::fields::{Field, fields};
use super::int8::Int8;
use super::learner::Desktop;
use super::modes::{Mode, modes};
use super::optimizer::MAX_WEIGHTS;
use super::output::{self, Judge, Predict};
use super::pretext::Pretext;
use super::settings::{LearnerSettings, Refused};
use super::tree::{Leaf, leaves};
use super::{Error, desktop, ram};

/// Where the type of a network is defined, for firmware that trains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of the package.
    pub package: &'static str,
    /// Folder of its manifest.
    pub folder: &'static str,
    /// Path of the type, as it was given to [`networks!`](crate::networks!).
    pub path: &'static str,
}

/// A network. All that depends on its type is behind function pointers: the rest of this program is compiled once.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Where it is defined; `None` if trainlet has it built in.
    pub source: Option<Source>,
    /// Inputs per sample.
    pub inputs: usize,
    /// Outputs per sample.
    pub outputs: usize,
    /// What it predicts.
    pub task: Task,
    /// Number of its weights.
    pub parameters: usize,
    /// What it computes.
    pub graph: Graph,
    /// Residual blocks; stochastic depth leaves out any of them but the first.
    pub depth: usize,
    /// Multiply-accumulates to predict a sample.
    pub macs: usize,
    /// Multiply-accumulates to learn from a sample.
    pub train_macs: usize,
    /// RAM of a trainer with Adam.
    pub budget: Budget,
    /// RAM of a predictor whose weights are in RAM.
    pub predictor_budget: Budget,
    /// The form that predicts from bytes, if it has one.
    pub int8: Option<Int8>,
    /// Bytes of the arena for training.
    pub arena: usize,
    /// Bytes of the arena for prediction alone.
    pub infer: usize,
    /// Whether parts of it can be trained alone.
    pub has_parts: bool,
    /// Whether the last block can be trained without those before it.
    pub has_last_block: bool,
    /// One number for its name and the names and shapes of its leaves.
    pub fingerprint: u32,
    /// What it can be pre-trained with.
    pub pretexts: Vec<Pretext>,
    leaves: Arc<[Leaf]>,
    functions: Functions,
}

/// What depends on the type of a network.
#[derive(Clone, Copy, Debug)]
struct Functions {
    modes: fn() -> Vec<Mode>,
    start: fn(&LearnerSettings) -> Result<Box<dyn Desktop>, Refused>,
    budget: fn(&LearnerSettings) -> Budget,
    judge: fn(LossOptions) -> Result<Box<dyn Judge>, NoSuchOption>,
    predictor: fn(&[f32]) -> Predict,
    fields: fn() -> Vec<Field>,
}

impl Network {
    /// The network of type `F`, which is defined in `source`.
    pub fn of<F: Family>(source: Option<Source>) -> Self {
        const { assert!(F::COUNT <= MAX_WEIGHTS, "host-sim trains networks of up to 1,048,576 weights") };
        let (predictor, weights) = (Predictor::<F, F::Infer>::BUDGET, size_of::<F>());
        Self {
            name: F::NAME,
            about: F::ABOUT,
            source,
            inputs: F::Input::LEN,
            outputs: F::Output::LEN,
            task: <F::Loss as Supervised<F::Output>>::TASK,
            parameters: <F as Params>::COUNT,
            graph: F::GRAPH,
            depth: <F as Model>::COST.depth,
            macs: <F as Model>::COST.macs,
            train_macs: <F as Model>::COST.train_macs,
            budget: Trainer::<F, F::Loss, Adam<F::F32>, F::Arena>::BUDGET,
            predictor_budget: Budget { weights, total: predictor.total + weights, ..predictor },
            int8: Int8::of::<F>(),
            arena: F::ACTIVATIONS * size_of::<f32>(),
            infer: F::INFER_ARENA * size_of::<f32>(),
            has_parts: F::HAS_PARTS,
            has_last_block: <F::LastBlock as Params>::TRAINABLE > <F::Head as Params>::TRAINABLE,
            fingerprint: fingerprint(&*Box::new(F::ZERO)),
            pretexts: Vec::new(),
            leaves: leaves::<F>(),
            functions: Functions {
                modes: modes::<F>,
                start: desktop::start::<F>,
                budget: ram::budget::<F>,
                judge: output::judge::<F>,
                predictor: output::predictor::<F>,
                fields: || fields(&*Box::new(F::ZERO)),
            },
        }
    }

    /// The same with something to pre-train it with.
    pub fn with_pretexts(self, pretexts: impl IntoIterator<Item = Pretext>) -> Self {
        Self { pretexts: self.pretexts.into_iter().chain(pretexts).collect(), ..self }
    }

    /// Names and shapes of its leaves.
    pub fn leaves(&self) -> &Arc<[Leaf]> {
        &self.leaves
    }

    /// The ways of training that a board can be asked to try.
    pub fn modes(&self) -> Vec<Mode> {
        (self.functions.modes)()
    }

    /// A learner with weights drawn from the seed.
    ///
    /// # Errors
    /// An option of another kind of loss, or a value out of its range.
    pub fn learner(&self, settings: &LearnerSettings) -> Result<Box<dyn Desktop>, Refused> {
        (self.functions.start)(settings)
    }

    /// RAM of a trainer in firmware with the same settings.
    pub fn budget_of(&self, settings: &LearnerSettings) -> Budget {
        (self.functions.budget)(settings)
    }

    /// What its outputs say, by its loss with these options.
    ///
    /// # Errors
    /// An option of another kind of loss.
    pub fn judge(&self, options: LossOptions) -> Result<Box<dyn Judge>, NoSuchOption> {
        (self.functions.judge)(options)
    }

    /// Where the leaves are in its struct.
    pub fn fields(&self) -> Vec<Field> {
        (self.functions.fields)()
    }

    /// Its form in bytes.
    ///
    /// # Errors
    /// [`Error::NoInt8`]
    pub fn int8(&self) -> Result<Int8, Error> {
        let there = || super::all().iter().filter(|network| network.int8.is_some()).map(|network| network.name);
        self.int8.ok_or_else(|| Error::NoInt8 { network: self.name, there: super::listed(there()) })
    }

    /// Predicts with weights in the order of [`leaves`](Self::leaves).
    pub fn predictor(&self, weights: &[f32]) -> Predict {
        (self.functions.predictor)(weights)
    }
}
