//! `study modes`

use std::error::Error;

use super::report as report_runs;
use crate::cli::board::announce;
use crate::cli::output::{Files, note};
use crate::cli::page::PageOptions;
use crate::report;
use crate::study::modes;
use crate::study::shards::Runs;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: modes::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        announce(args.qemu);
        let rows = |runs: &mut Runs| modes::rows(args, runs, &mut |line| note(line));
        let files = Files::json(&args.json).against(&args.against).page("Ways of training", &self.page);
        let rows = report_runs(&args.shards, files, rows, report::modes)?;
        Ok(modes::check(&rows.unwrap_or_default())?)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study modes
  host-sim study modes --network flow-7x6 --qemu riscv-virt
  host-sim study modes --network watch-26x2 --mode block-input-adam --steps 100
  host-sim study modes --accuracy --json modes.json

A mode's name says what the blocks keep for the backward pass, or `online` for updates without a gradient buffer, or which part
is trained; then the optimiser, and in how many bits it keeps a number if not in 32.";
