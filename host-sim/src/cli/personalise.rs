//! `personalise`

use std::error::Error;

use super::output::{Files, note};
use super::page::PageOptions;
use crate::report;
use crate::report::plot::people;
use crate::run::output;
use crate::study::personalise;

/// Who adapts, from what, and how.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    study: personalise::Args,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Pre-trains and adapts for each subject, and prints what came of it.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let args = &self.study;
        if let Some(path) = &args.firmware {
            output::check_all(&[], &[("--firmware", Some(path))])?;
            return Ok(output::write("--firmware", path, personalise::firmware(args)?.as_bytes())?);
        }
        let files = Files::json(&args.json)
            .page("What adapting to a new person is worth", &self.page)
            .svg(&args.svg, people::personalised);
        let watch = |subject| note(&format!("subject {subject} has finished"));
        files.report(|| personalise::rows(args, &watch), report::personalised).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim personalise
  host-sim personalise --labels all --replay 177 --augment rotate,speed,scale,jitter
  host-sim personalise --method head --json head.json --svg head.svg
  host-sim personalise --subjects 1,2 --labels all --on qemu
  host-sim personalise --subjects 3 --labels all --replay 177 --firmware adaptation.rs

Each subject in turn is new: the network is trained on the first halves of the others' recordings, adapts on the first windows of the new
one's, and is tested on the second halves of both. Accuracies are means over the subjects. Seconds are those of an STM32F405 at 168 MHz by
the cycles that were counted; RAM is trainer, labelled windows in bytes and stack. With --on the weights of the board are compared with
this computer's, bit for bit.";
