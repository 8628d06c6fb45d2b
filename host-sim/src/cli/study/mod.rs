//! `study`: many runs, side by side.

mod ablation;
mod compare;
mod curvature;
mod ideas;
mod labels;
mod modes;

use std::error::Error;

use clap::Subcommand;
use serde::Serialize;

use super::output::{Files, print};
use super::page::PART;
use crate::report::Report;
use crate::run::output;
use crate::study;
use crate::study::shards::{Runs, ShardOptions};

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

/// Makes the runs of a study, prints their table and writes the files; or makes a part of them, and gives nothing then.
fn report<R: Serialize>(
    shards: &ShardOptions,
    files: Files<R>,
    rows: impl FnOnce(&mut Runs) -> Result<Option<Vec<R>>, study::Error>,
    table: impl FnOnce(&[R]) -> Report,
) -> Result<Option<Vec<R>>, Box<dyn Error>> {
    let mut runs = Runs::read(shards)?;
    if let (Some(_), Some(path)) = (shards.shard, files.figures()) {
        if files.page_path().is_some() {
            return Err(PART.into());
        }
        output::check("--json", path)?;
        rows(&mut runs)?;
        let (made, all) = runs.write(path)?;
        print(&format!("{made} of {all} runs are in {path}: give it and the other parts to --merge."))?;
        return Ok(None);
    }
    let files = files.reading(shards.merge.iter().map(|path| ("--merge", Some(&**path))));
    let rows = || Ok::<_, study::Error>(rows(&mut runs)?.expect("nothing is for other machines"));
    files.report(rows, table).map(Some)
}
