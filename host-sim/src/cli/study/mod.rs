//! `study`: many runs, side by side.

mod ablation;
mod compare;
mod curvature;
mod ideas;
mod labels;
mod modes;

use std::error::Error;

use clap::Subcommand;

use super::output::print;
use crate::run::shard::Shard;
use crate::study::shards;
use crate::study::sweep::Group;

/// What is studied.
#[derive(Debug, Subcommand)]
pub enum Study {
    /// Run the notebook that this project started from step by step, and measure what each change is worth
    Ablation(Box<ablation::Args>),
    /// Compare regularised updates and pre-training on an emulated board: bytes, cycles, bit-identical weights, accuracy
    Ideas(ideas::Args),
    /// Compare all ways of training on an emulated board: bytes, stack, instructions, bit-identical weights
    Modes(modes::Args),
    /// Train several networks with the same settings, and compare accuracy, RAM and cycles
    Compare(Box<compare::Args>),
    /// Measure what learning without labels is worth: new subjects, few labels, with pre-training and without
    Labels(labels::Args),
    /// Show how the loss of networks curves during training: eigenvalues of the Hessian, and the loss around the weights
    Curvature(Box<curvature::Args>),
}

impl Study {
    /// Runs it.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Ablation(args) => args.run(),
            Self::Ideas(args) => args.run(),
            Self::Modes(args) => args.run(),
            Self::Compare(args) => args.run(),
            Self::Labels(args) => args.run(),
            Self::Curvature(args) => args.run(),
        }
    }
}

/// Makes a part of the runs of a study.
fn make(groups: &[Group], shard: Shard, path: &str) -> Result<(), Box<dyn Error>> {
    let made = shards::make(groups, shard, path)?;
    let all: usize = groups.iter().map(|group| group.runs.len()).sum();
    print(&format!("{made} of {all} runs are in {path}: give it and the other parts to --merge."))
}
