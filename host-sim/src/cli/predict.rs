//! `predict`

use std::error::Error;

use super::output::print_data;
use crate::run::output;
use crate::run::predict::{Source, predict};

/// Weights, data, and where the predictions go.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Write there instead of standard output
    #[arg(long, value_name = "FILE.csv")]
    output: Option<String>,
}

impl Args {
    /// Predicts, and writes the classes as CSV.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        output::check_all(&self.source.files(), &[("--output", self.output.as_deref())])?;
        let csv = predict(&self.source)?.to_csv()?;
        match &self.output {
            Some(path) => Ok(output::write("--output", path, &csv)?),
            None => print_data(&csv),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim predict --weights flow.safetensors --data new.csv --output predictions.csv

One line per sample: the predicted class, then the probability of each class. No label is needed.";
