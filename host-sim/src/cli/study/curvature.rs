//! `study curvature`

use std::error::Error;

use super::report as report_runs;
use crate::cli::output::Files;
use crate::cli::page::PageOptions;
use crate::report;
use crate::report::plot::curvature as plot;
use crate::study::curvature;

/// The settings of the study.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: curvature::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Runs the study, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        let files = Files::json(&args.json)
            .page("How the loss curves", &self.page)
            .reading(args.data.files())
            .reading([("--init", args.init.as_deref())])
            .svg(&args.svg, plot::places)
            .picture("--histograms", &args.histograms, plot::histograms)
            .picture("--surfaces", &args.surfaces, plot::surfaces);
        report_runs(&args.shards, files, |runs| curvature::rows(args, runs), report::spectrum).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim study curvature --network watch-16x2
  host-sim study curvature --network watch-16x2,watch-convnext,alter-4 --svg places.svg --histograms eigenvalues.svg --surfaces loss.svg
  host-sim study curvature --network flow-16x2 --data train.csv --drop id --init flow.safetensors --epochs 0

The Hessian is that of the loss of a mini-batch of training samples, without dropout; every network sees the same mini-batches.";
