//! What a user can say about a training run.

pub mod ideas;
mod pretrain;

pub use pretrain::{PretrainName, PretrainOptions};

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, ValueEnum};
use serde::Serialize;

pub use crate::data::source::{ColumnOrder, DataOptions, DataSource, Half, Scaling};
pub use crate::networks::optimizer::{OptimizerName, StateName};
pub use crate::networks::pretext::{MaskingName, TargetName};
pub use crate::networks::settings::Part;

use crate::data::sampler::Order;
use crate::networks;
use crate::run::augment::Change;
use crate::run::options::ideas::IdeaOptions;

/// Everything that decides a training run. The defaults are the settings for the watch recordings; `Options::default()`
/// are the same ones.
#[derive(Clone, Debug, PartialEq, Serialize, Parser)]
pub struct Options {
    /// The network, by name; `host-sim networks` lists them with their sizes
    #[arg(long, value_name = "NAME", default_value = networks::default(), value_parser = PossibleValuesParser::new(networks::names()))]
    pub network: String,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
    /// Passes over the training data
    #[arg(long, default_value_t = 25, value_name = "COUNT", conflicts_with = "steps", help_heading = RUN)]
    pub epochs: u32,
    /// Updates of the weights, instead of --epochs
    #[arg(long, value_name = "COUNT", help_heading = RUN)]
    pub steps: Option<u32>,
    /// Keep the weights of the epoch that is best on samples kept aside: a fifth of them, or what --validation says
    #[arg(long, help_heading = RUN)]
    pub keep_best: bool,
    /// Epochs without a better one on the samples kept aside after which the training ends; with --keep-best or --validation [default:
    /// it never ends early]
    #[arg(long, value_name = "EPOCHS", help_heading = RUN)]
    pub patience: Option<u32>,
    /// Cross-validate: train once per fold, test on that fold, and report the mean
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["test", "test_groups", "test_subjects", "save", "init"], help_heading = RUN)]
    pub folds: Option<u32>,
    /// Samples per update; RAM does not depend on it
    #[arg(long, default_value_t = 32, value_name = "SAMPLES", help_heading = RUN)]
    pub batch: u32,
    /// Order of the samples: `shuffled` anew in each epoch, as in the `file`, or `stride:K`: sample i of the run is
    /// number (K i) mod n of the n, for comparisons with other programs
    #[arg(long, default_value_t = Order::Shuffled, help_heading = RUN)]
    pub order: Order,
    /// Fixes every random number of the run: weights, order, dropout, drop path
    #[arg(long, default_value_t = 0, value_name = "NUMBER", help_heading = RUN)]
    pub seed: u64,
    /// Report after each of the first three epochs how the gradients are: fine, vanish, plateau or explode, and in which leaf
    #[arg(long, help_heading = RUN)]
    pub monitor: bool,
    /// The learning rate.
    #[command(flatten)]
    pub rate: RateOptions,
    /// What an update does with the gradient.
    #[command(flatten)]
    pub update: UpdateOptions,
    /// What it does beyond that.
    #[command(flatten)]
    pub ideas: IdeaOptions,
    /// What keeps the network from overfitting.
    #[command(flatten)]
    pub regularisation: RegularisationOptions,
    /// Learning without labels, before.
    #[command(flatten)]
    pub pretraining: PretrainOptions,
    /// Start from these weights instead of random ones: a safetensors file, a .npz of numpy or a folder of .npy files; names and shapes
    /// as PyTorch has them
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    pub init: Option<String>,
    /// Prepare the samples as those that the weights of --init were trained on, not as the training samples demand
    #[arg(long, requires = "init", help_heading = FILES)]
    pub init_scaling: bool,
    /// Largest L2 norm of what has been learnt since --init; --save gets no more of it
    #[arg(long, value_name = "NORM", requires_all = ["init", "save"], help_heading = FILES)]
    pub delta_clip: Option<f32>,
    /// Deviation, as a share of --delta-clip, of the noise that --save gets on each weight
    #[arg(long, value_name = "SHARE", requires = "delta_clip", help_heading = FILES)]
    pub delta_noise: Option<f32>,
    /// Also test each window of a recording by its probabilities and those of the windows before it, this many together
    #[arg(long, value_name = "WINDOWS", help_heading = RUN)]
    pub vote: Option<u32>,
    /// Write the trained weights, with all that `evaluate` and `predict` need
    #[arg(long, value_name = "FILE.safetensors", help_heading = FILES)]
    pub save: Option<String>,
    /// Write a record of the run: options, loss and rate of each step, results; `-` is standard output
    #[arg(long, value_name = "FILE.json", help_heading = FILES)]
    pub json: Option<String>,
    /// Write a page about the run: results, curves, memory, the network; it opens in any browser, without a network
    #[arg(long, value_name = "FILE.html", help_heading = FILES)]
    pub report: Option<String>,
}

const RUN: &str = "Run";
const RATE: &str = "Learning rate";
const UPDATE: &str = "Update";
const REGULARISATION: &str = "Regularisation and loss";
const FILES: &str = "Files";

impl Default for Options {
    fn default() -> Self {
        Self::parse_from(["train"])
    }
}

/// The learning rate over the run.
#[derive(Clone, Debug, PartialEq, Serialize, Args)]
#[command(next_help_heading = RATE)]
pub struct RateOptions {
    /// The full learning rate; with ldog a factor, 1
    #[arg(long, default_value_t = 5e-3, value_name = "RATE")]
    pub lr: f32,
    /// What the rate does once it is warm
    #[arg(long, value_enum, default_value_t = ScheduleName::Cosine)]
    pub schedule: ScheduleName,
    /// Share of all steps over which the rate rises, 0 to 1
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub warmup: f32,
    /// Where the rate falls to; with any schedule but constant [default: 0]
    #[arg(long, value_name = "RATE")]
    pub min_lr: Option<f32>,
    /// Share of all steps after which the cosine has finished; with sharp-cosine [default: 0.15]
    #[arg(long, value_name = "SHARE")]
    pub sharpness: Option<f32>,
    /// Epochs until the first restart; with warm-restarts [default: 10]
    #[arg(long, value_name = "COUNT")]
    pub restart_epochs: Option<u32>,
    /// How many times as long each cycle is as the one before; with warm-restarts [default: 2]
    #[arg(long, value_name = "FACTOR")]
    pub restart_factor: Option<u32>,
    /// Go back to where an epoch went well when the loss explodes, and on at this share of the rate, up to five times [default: the
    /// training ends]
    #[arg(long, value_name = "SHARE")]
    pub rollback: Option<f32>,
}

/// What the optimiser does.
#[derive(Clone, Debug, PartialEq, Serialize, Args)]
#[command(next_help_heading = UPDATE)]
pub struct UpdateOptions {
    /// Per parameter, adam, adamw and schedule-free keep two numbers, lion, momentum, nesterov and schedule-free-sgd one, sgd and
    /// ldog none
    #[arg(long, value_enum, default_value_t = OptimizerName::Adam)]
    pub optimizer: OptimizerName,
    /// How the optimiser keeps a number; fewer bits are rounded at random [default: f32]
    #[arg(long, value_enum)]
    pub state: Option<StateName>,
    /// Change the weights with each sample, part by part, without a gradient buffer; with --batch 1 and --clip 0
    #[arg(long)]
    pub online: bool,
    /// What is trained; the rest stays as --init has it
    #[arg(long, value_enum, default_value_t = Part::All)]
    pub trained: Part,
    /// Pull of the weights towards 0 [default: 0, with adamw 0.01]
    #[arg(long, value_name = "DECAY")]
    pub weight_decay: Option<f32>,
    /// Share of its speed that a step keeps; with momentum and nesterov [default: 0.9]
    #[arg(long, value_name = "SHARE")]
    pub momentum: Option<f32>,
    /// Pull of the weights towards those of the start, as of --init: MU/2 times the squared distance joins the loss
    #[arg(long, value_name = "MU")]
    pub proximal: Option<f32>,
    /// Largest L2 norm of a gradient, which is scaled down to it; 0: no limit
    #[arg(long, default_value_t = 1.0, value_name = "NORM")]
    pub clip: f32,
}

/// Noise in training, and what the loss demands.
#[derive(Clone, Debug, PartialEq, Serialize, Args)]
#[command(next_help_heading = REGULARISATION)]
pub struct RegularisationOptions {
    /// Probability that an activation is dropped in training
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    pub dropout: f32,
    /// Probability that the last block is left out in training; it rises to this from 0 in the first block
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    pub drop_path: f32,
    /// Learn from other variants of each window in each epoch: `rotate` turns the axes of the sensor, `speed` stretches time, `scale`
    /// multiplies channels, `jitter` adds noise; each with =NUMBER for another strength than 0.1, 1.3, 0.15, 0.1
    #[arg(long, value_name = "CHANGES", value_delimiter = ',')]
    pub augment: Vec<Change>,
    /// Test with dropout and drop path switched on, as the notebook did, for comparisons
    #[arg(long)]
    pub noisy_tests: bool,
    /// Share of the target that all classes have alike; for networks with one output per class [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub label_smoothing: Option<f32>,
    /// Weight of class 1 in the loss, for networks with a single output [default: 1]
    #[arg(long, value_name = "WEIGHT")]
    pub pos_weight: Option<f32>,
    /// Weights in the loss with which rare classes count as much as others [default: every sample counts alike]
    #[arg(long, value_enum)]
    pub class_weight: Option<ClassWeight>,
}

/// Weights of classes by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeight {
    /// Samples / (classes x samples of the class)
    Balanced,
}

/// Schedules by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleName {
    /// Stays
    Constant,
    /// Falls along half a cosine until the end of the run
    Cosine,
    /// Falls along half a cosine early in the run, and stays down
    SharpCosine,
    /// Falls along half a cosine and starts again from the full rate, over and over
    WarmRestarts,
}
