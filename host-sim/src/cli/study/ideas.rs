//! `study ideas`

use std::error::Error;

use super::report as report_runs;
use crate::board::emulator::Machine;
use crate::cli::board::announce;
use crate::cli::output::{Files, note};
use crate::cli::page::PageOptions;
use crate::report;
use crate::study::ideas;
use crate::study::shards::Runs;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: ideas::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        announce(Machine::Stm32f405);
        let rows = |runs: &mut Runs| ideas::rows(args, runs, &mut |line| note(line));
        let rows = report_runs(
            &args.shards,
            Files::json(&args.json).page("Regularised updates", &self.page),
            rows,
            report::ideas,
        )?;
        Ok(ideas::check(&rows.unwrap_or_default())?)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study ideas
  host-sim study ideas --accuracy --json ideas.json
  host-sim train --sam sam --rho 0.1 --ema 0.1

`train` has options for each of them.";
