//! All that decides how a network learns, whatever its type.

use clap::ValueEnum;
use serde::Serialize;
use trainlet::core::setting::OutOfRange;
use trainlet::extra::monitor::Thresholds;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{LossOptions, NoSuchOption};
use trainlet::optim::Schedule;
use trainlet::train::Ascent;

use super::mask::MaskSettings;
use super::optimizer::{Rule, StateName};

/// What of a network is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Every weight
    #[default]
    All,
    /// The last block and the head
    LastBlock,
    /// Biases, normalisations and the head
    Biases,
    /// The head
    Head,
}

/// How samples become an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// The gradient of a batch is accumulated.
    Batches {
        /// Where the verdicts of a watched run begin, if it is watched.
        thresholds: Option<Thresholds>,
        /// Whether tests have dropout and stochastic depth as training has.
        noisy_tests: bool,
    },
    /// Each sample changes the weights, part by part.
    Online,
    /// The gradient of a batch is taken at a perturbed point.
    Sam(Ascent, MaskSettings),
    /// The same with the gradient of the step before.
    SingleStep(Ascent),
}

impl Method {
    /// Batches, neither watched nor with noisy tests.
    pub const BATCHES: Self = Self::Batches { thresholds: None, noisy_tests: false };
}

/// All that decides how a network learns.
#[derive(Clone, Copy, Debug)]
pub struct LearnerSettings {
    /// What is trained.
    pub part: Part,
    /// How.
    pub method: Method,
    /// How the gradient changes the weights.
    pub rule: Rule,
    /// How the rule's numbers are kept.
    pub state: StateName,
    /// μ of a pull towards the weights of the start, if there is one.
    pub proximal: Option<f32>,
    /// Fixes every random number.
    pub seed: u64,
    /// Of the network's own loss.
    pub loss: LossOptions,
    /// The learning rate.
    pub schedule: Schedule,
    /// Largest norm of a gradient.
    pub clip: Option<f32>,
    /// Of activations.
    pub dropout: Dropout,
    /// Of blocks.
    pub stochastic_depth: StochasticDepth,
}

/// Settings that a learner does not take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refused {
    /// An option of another kind of loss.
    Option(NoSuchOption),
    /// A value out of its range.
    Setting(OutOfRange),
}

impl From<NoSuchOption> for Refused {
    fn from(option: NoSuchOption) -> Self {
        Self::Option(option)
    }
}

impl From<OutOfRange> for Refused {
    fn from(error: OutOfRange) -> Self {
        Self::Setting(error)
    }
}
