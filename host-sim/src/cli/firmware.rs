//! `firmware`

use std::error::Error;

use clap::builder::PossibleValuesParser;

use super::output::Files;
use crate::board::firmware::{Board, sizes};
use crate::{networks, report};

/// Which boards.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Which boards [default: all]
    #[arg(value_enum, value_name = "BOARD")]
    boards: Vec<Board>,
    /// The network of the program `node`
    #[arg(long, value_name = "NAME", default_value = networks::default(), value_parser = PossibleValuesParser::new(networks::names()))]
    network: String,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
    /// Show what has changed since an earlier run wrote this file with --json
    #[arg(long, value_name = "FILE.json")]
    against: Option<String>,
}

impl Args {
    /// Builds their programs, and prints the sizes.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let network = networks::find(&self.network)?;
        let files = Files::json(&self.json).against(&self.against);
        files.report(|| sizes(&self.boards, network, None), report::sizes).map(drop)
    }
}
