//! `study ablation`

use std::error::Error;

use super::report as report_runs;
use crate::cli::output::Files;
use crate::cli::page::PageOptions;
use crate::report;
use crate::report::plot::{bars, losses};
use crate::study::ablation;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: ablation::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        let files = Files::json(&args.json)
            .page("Ablation: step by step", &self.page)
            .reading(args.data.files())
            .svg(&args.svg, bars::ladder);
        let files = files.picture("--curves", &args.curves, losses::rungs);
        report_runs(&args.shards, files, |runs| ablation::rows(args, runs), report::ladder).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study ablation --data watch --epochs 25
  host-sim study ablation --data train.csv --test test.csv --drop id --svg ladder.svg --curves losses.svg --json ladder.json

All rungs have the same order of samples and as many updates with labels, but for `twice the epochs`: that is the plain run with
the work of SAM, which takes two passes over the data for each update, and of as many epochs of pre-training. Each step stands on
those before it; each idea stands by itself on the last step. Together are those whose mean gain is above 0, of several kinds of
schedule or of SAM the best; they are chosen by the test that they are shown on. Gains are differences of runs with the same seed,
mean and standard deviation.";
