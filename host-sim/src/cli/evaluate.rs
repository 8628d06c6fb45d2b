//! `evaluate`

use std::error::Error;

use super::output::print;
use crate::report;
use crate::run::predict::{Source, evaluate};

/// Weights and data.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

impl Args {
    /// Tests, and prints the scores.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        print(&report::scores(&evaluate(&self.source)?))
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim evaluate --weights shoulder.safetensors --test-subjects 1,2
  host-sim evaluate --weights flow.safetensors --data test.csv

The file of weights names its network and says how the training data were prepared; other data are prepared in the same way.";
