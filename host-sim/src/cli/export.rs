//! `export`

use std::error::Error;

use super::output::print_data;
use crate::export::{Language, Source, export};
use crate::run::output;

/// Weights, and what they become.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// What to write
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    to: Language,
    /// Put the weights in bytes, with --to rust: a quarter to a half of the flash
    #[arg(long)]
    int8: bool,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
}

impl Args {
    /// Writes the weights.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        output::check_all(&[("--weights", Some(&self.source.weights))], &[("--output", self.output.as_deref())])?;
        let bytes = export(&self.source, self.to, self.int8)?;
        match &self.output {
            Some(path) => Ok(output::write("--output", path, &bytes)?),
            None => print_data(&bytes),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim export --weights flow.safetensors --to rust --output src/flow.rs
  host-sim export --weights flow.safetensors --to rust --int8 --output src/flow.rs
  host-sim export --weights flow.safetensors --to c --output flow.h
  host-sim export --weights flow.safetensors --to safetensors --output flow-for-pytorch.safetensors

The Rust module has the weights as a static in flash, which `trainlet::train::Predictor` uses where they are, and `inputs`, which
prepares a row as the training rows were, bit for bit.";
