//! `twin`

use std::error::Error;

use super::board::connect;
use super::output::print;
use super::progress::Progress;
use crate::board::Place;
use crate::report;
use crate::run::options::Options;
use crate::run::{self, settings, twin};

/// A comparison of board and desktop.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Start a new run, whatever the board has learnt in another one
    #[arg(long)]
    restart: bool,
    /// Number of steps from one comparison of the weights to the next
    #[arg(long, default_value_t = 10, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    #[command(flatten)]
    options: Options,
}

impl Args {
    /// Trains on both; a difference is an error.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let Self { place, restart, every, options } = self;
        let network = run::check(options)?;
        settings::check_for_twin(options)?;
        let connection = connect(place, network, options)?;
        let mut progress = Progress::new();
        let mut count = |step, steps| progress.count(step + 1, steps);
        let report = twin::run(options, connection, *restart, *every, &mut count);
        progress.finish();
        let report = report?;
        match &report.difference {
            None => print(&report::twin(&report)),
            Some((step, difference)) => Err(report::difference(*step, difference).into()),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim twin --qemu stm32f405 --steps 500 --batch 4 --dropout 0.1
  host-sim twin --port /dev/ttyACM0 --steps 100 --every 1

The first step at which a bit differs is named, with the leaf and the value; the exit code is then 1.";
