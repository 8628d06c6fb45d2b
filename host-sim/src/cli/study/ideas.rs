//! `study ideas`

use std::error::Error;

use crate::board::emulator::Machine;
use crate::cli::board::announce;
use crate::cli::output::Files;
use crate::report;
use crate::study::ideas;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: ideas::Args,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        announce(Machine::Stm32f405);
        let rows = || ideas::rows(args, &mut |line| eprintln!("{line}"));
        Ok(ideas::check(&Files::json(&args.json).report(rows, report::ideas)?)?)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study ideas
  host-sim study ideas --accuracy --json ideas.json
  host-sim train --sam sam --rho 0.1 --ema 0.1

`train` has options for each of them.";
