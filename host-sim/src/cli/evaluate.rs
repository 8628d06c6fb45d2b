//! `evaluate`

use std::error::Error;

use super::output::print_beside;
use crate::report;
use crate::run::output::{check_all, write};
use crate::run::predict::{Source, evaluate};

/// Weights and data.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Write the scores; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
}

impl Args {
    /// Tests, and prints the scores.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        check_all(&self.source.files(), &[("--json", self.json.as_deref())])?;
        let scores = evaluate(&self.source)?;
        if let Some(path) = &self.json {
            write("--json", path, &serde_json::to_vec_pretty(&scores)?)?;
        }
        print_beside([self.json.as_deref()], &report::scores(&scores))
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim evaluate --weights shoulder.safetensors --test-subjects 1,2
  host-sim evaluate --weights flow.safetensors --data test.csv
  host-sim evaluate --weights flow.safetensors --data test.csv --int8

The file of weights names its network and says how the training data were prepared; other data are prepared in the same way.";
