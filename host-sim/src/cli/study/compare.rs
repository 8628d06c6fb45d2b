//! `study compare`

use std::error::Error;

use super::report as report_runs;
use crate::cli::output::Files;
use crate::cli::page::PageOptions;
use crate::report;
use crate::report::plot::scatter;
use crate::study::compare;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    study: compare::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        let files = Files::json(&args.json)
            .page("Networks side by side", &self.page)
            .reading(args.data.files())
            .svg(&args.svg, scatter::comparison);
        report_runs(&args.shards, files, |runs| compare::rows(args, runs), report::comparison).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study compare --network watch-16x2 watch-convnext alter-4
  host-sim study compare --network watch-16x2,watch-separable --dropout 0.3 --seeds 5 --json compare.json --svg compare.svg
  host-sim study compare --network flow-16x2 flow-7x6 --data train.csv --test test.csv --measure

Every network has the same settings, the same order of samples and as many steps. The deviation is that over groups of people and
seeds together; the differences to the first network are those of runs with the same people and seed. RAM is that of a trainer with everything kept, a sample, and the stack.";
