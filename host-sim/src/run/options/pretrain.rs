//! What a user can say about learning without labels.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::networks::pretext::{MaskingName, TargetName};

const PRETRAINING: &str = "Pre-training";

/// Learning without labels, before the training with them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Args)]
#[command(next_help_heading = PRETRAINING)]
pub struct PretrainOptions {
    /// Learn from all training samples without their labels first; stem and blocks go on from there, the head starts anew
    #[arg(long, value_enum, conflicts_with = "init")]
    pub pretrain: Option<PretrainName>,
    /// Passes over the training samples without labels; with --pretrain [default: 50]
    #[arg(long, value_name = "COUNT", conflicts_with = "pretrain_steps")]
    pub pretrain_epochs: Option<u32>,
    /// Updates without labels, instead of --pretrain-epochs
    #[arg(long, value_name = "COUNT")]
    pub pretrain_steps: Option<u32>,
    /// The full learning rate without labels; with --pretrain [default: 0.005]
    #[arg(long, value_name = "RATE")]
    pub pretrain_lr: Option<f32>,
    /// What the blocks see of a sample; with --pretrain [default: replace]
    #[arg(long, value_enum)]
    pub masking: Option<MaskingName>,
    /// What is predicted of a hidden token; with --pretrain [default: inputs]
    #[arg(long, value_enum)]
    pub pretrain_target: Option<TargetName>,
    /// How many tokens of a sample are visible; with --pretrain [default: about half]
    #[arg(long, value_name = "TOKENS")]
    pub visible: Option<usize>,
    /// Share of the training samples that keep their labels, above 0; the others serve --pretrain alone [default: 1]
    #[arg(long, value_name = "SHARE")]
    pub labels: Option<f32>,
}

/// Ways to learn without labels, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PretrainName {
    /// Guess hidden tokens of a sample from visible ones
    Masked,
}
