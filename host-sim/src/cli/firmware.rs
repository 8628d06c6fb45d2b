//! `firmware`

use std::error::Error;

use super::output::print;
use crate::board::firmware::{Board, sizes};
use crate::report;

/// Which boards.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Which boards [default: all]
    #[arg(value_enum, value_name = "BOARD")]
    boards: Vec<Board>,
}

impl Args {
    /// Builds their programs, and prints the sizes.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        print(report::sizes(&sizes(&self.boards, None)?).as_bytes())
    }
}
