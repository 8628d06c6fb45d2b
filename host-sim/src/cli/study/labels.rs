//! `study labels`

use std::error::Error;

use super::report as report_runs;
use crate::cli::output::{Files, note};
use crate::cli::page::PageOptions;
use crate::report;
use crate::report::plot::curves;
use crate::study::labels;
use crate::study::shards::Runs;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: labels::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        let files = Files::json(&args.json)
            .page("What learning without labels is worth", &self.page)
            .svg(&args.svg, curves::by_labels);
        let rows = |runs: &mut Runs| labels::rows(args, runs, &|line| note(line));
        report_runs(&args.shards, files, rows, report::pretrain_study).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study labels
  host-sim study labels --network watch-16x2 --dropout 0.3 --json study.json --svg study.svg
  host-sim study labels --pretrain-target latents
  host-sim study labels --masking subset --visible 4 --labels 0.02,0.05

Every run learns from all windows of the training people without labels, or not at all, and then for the same number of steps
from a share of them with labels. The learning rate of these is chosen for each way by itself, on people who are neither
trained nor tested with.";
