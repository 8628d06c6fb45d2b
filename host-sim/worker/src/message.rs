//! What a worker is asked, and what it answers: JSON, a line each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use trainlet::core::budget::Budget;

/// What a worker is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// The figures of all candidates: [`Answer::Figures`].
    Figures,
    /// Train a candidate on the first part of a [split](crate::Split), predict the other: [`Answer::Trained`].
    Train {
        /// Its number in the list.
        candidate: usize,
        /// File of the split.
        split: PathBuf,
        /// How it is trained.
        recipe: Recipe,
        /// Determines every random number.
        seed: u64,
    },
    /// The same with a plain model: [`Answer::Trained`].
    Baseline {
        /// Which.
        model: Model,
        /// File of the split.
        split: PathBuf,
        /// Number of classes; 0 of values.
        classes: usize,
    },
}

/// Plain models to compare networks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Logistic regression, of classes alone.
    Logistic,
    /// Ridge regression, of classes as numbers that are 1 for the right one and 0 for the others.
    Ridge,
    /// A random forest.
    Forest,
}

/// How a candidate is trained: AdamW with clipping, a warm-up and a cosine that falls to 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Passes over the samples.
    pub epochs: u32,
    /// Samples per update.
    pub batch: u32,
    /// The full learning rate.
    pub lr: f32,
    /// Share of all steps over which the rate rises.
    pub warmup: f32,
    /// Pull of the weights towards 0.
    pub weight_decay: f32,
    /// Largest norm of a gradient.
    pub clip: f32,
    /// Probability that an activation is dropped.
    pub dropout: f32,
    /// Probability that the last block is left out.
    pub drop_path: f32,
    /// Share of the target that all classes have alike; `None` where the loss knows no such thing.
    pub label_smoothing: Option<f32>,
    /// How the optimiser keeps a number.
    pub state: StateName,
}

/// How an optimiser keeps a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateName {
    /// In 4 bytes.
    #[default]
    F32,
    /// In 2 bytes.
    Bf16,
    /// In 33 bytes for 32 numbers.
    #[serde(rename = "8bit")]
    Block8,
}

/// What blocks keep for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// Everything.
    Keep,
    /// The slopes of activations as well.
    KeepSlopes,
    /// The input of each branch.
    Recompute,
    /// The input of each block.
    BlockInput,
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Of each candidate.
    Figures(Vec<Figures>),
    /// What a trained model says.
    Trained(Outcome),
    /// The request makes no sense.
    Refused(String),
}

/// What a trained model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `[samples][outputs]`: logits or values; of a plain model of classes 1 for the class that it predicts, 0 for the others. Empty if
    /// the training diverged.
    pub outputs: Vec<f32>,
    /// CRC-32 of the weights; 0 of a plain model.
    pub weights_crc32: u32,
    /// How long it took.
    pub seconds: f64,
}

/// A candidate in figures, which the compiler knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Its name.
    pub name: String,
    /// Inputs.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
    /// Weights.
    pub parameters: usize,
    /// Residual blocks.
    pub depth: usize,
    /// Multiply-accumulates of a prediction.
    pub macs: usize,
    /// Ways of training it that differ in RAM.
    pub modes: Vec<Mode>,
}

/// A way of training a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mode {
    /// What blocks keep.
    pub memory: Memory,
    /// How the optimiser keeps a number.
    pub state: StateName,
    /// Multiply-accumulates to learn from a sample.
    pub train_macs: usize,
    /// RAM of a trainer with Adam.
    pub budget: Budget,
}
