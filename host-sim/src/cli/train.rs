//! `train`

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::given::Given;
use super::interrupt;
use super::output::{note, print_beside};
use super::progress::Progress;
use super::watching::Watching;
use crate::data::arguments::Arguments;
use crate::report;
use crate::report::page::{self, Origin};
use crate::run::checkpoint::{Keeping, Saved};
use crate::run::options::Options;
use crate::run::output::write;
use crate::run::{Target, folds, shell, train_kept};

/// All settings of a run.
#[derive(Debug, Default, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    // First, since the others take their values away.
    #[command(flatten)]
    given: Given,
    /// Keep all that the run needs to go on: after each epoch, and when it is stopped with Ctrl-C
    #[arg(long, value_name = "FILE", group = "kept", conflicts_with = "folds", help_heading = CHECKPOINT)]
    checkpoint: Option<String>,
    /// Go on with the run that --checkpoint keeps in this file, and keep it there; its options and data are those that it began with
    #[arg(long, value_name = "FILE", group = "kept", conflicts_with = "folds", help_heading = CHECKPOINT)]
    resume: Option<String>,
    /// Keep it after every N steps instead of epochs
    #[arg(long, value_name = "STEPS", requires = "kept", help_heading = CHECKPOINT, value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,
    #[command(flatten)]
    watching: Watching,
    #[command(flatten)]
    options: Options,
}

const CHECKPOINT: &str = "Going on after an interruption";

impl Args {
    /// Trains on this computer.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        if let Some(count) = self.options.folds {
            return train_folds(&self.options, count);
        }
        self.watching.check(&self.options)?;
        let stop = interrupt::flag()?;
        let saved = self.resume.as_deref().map(Saved::read).transpose()?;
        let options = match &saved {
            Some(saved) => resumed(saved, &self.options, &self.given)?,
            None => self.options.clone(),
        };
        let path = self.checkpoint.clone().or(self.resume.clone());
        let keeping = Keeping { path, every: self.every, saved, stop: Some(&stop) };
        train(&options, Target::Desktop, keeping, &self.watching, &stop)
    }
}

/// The options of a run that goes on. They are shown, since they say which files are read and written.
fn resumed(saved: &Saved, options: &Options, given: &Given) -> Result<Options, Box<dyn Error>> {
    let options = saved.options_with(options, &given.names)?;
    let words = Arguments::of(&options).words(&Arguments::of(&Options::default()));
    let (path, done) = (saved.path(), saved.done());
    let line = format!("{path}: goes on after step {done} of: host-sim train {}", shell::line(&words));
    note(&line);
    Ok(options)
}

/// Trains on a target, and shows progress and results. Who watches may set `stop`.
pub fn train(
    options: &Options,
    target: Target,
    keeping: Keeping,
    watching: &Watching,
    stop: &Arc<AtomicBool>,
) -> Result<(), Box<dyn Error>> {
    let mut watchers = watching.start(options, stop)?;
    let result = train_kept(options, target, keeping, &mut |event| watchers.hear(event));
    let written = watchers.finish();
    let record = result?;
    if let Some(path) = &options.report {
        write("--report", path, page::run(&record, &Origin::of_process())?.as_bytes())?;
    }
    print_beside(files(options), &report::run(&record))?;
    written
}

/// Trains once for each fold, and shows the results side by side.
fn train_folds(options: &Options, count: u32) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new();
    let result = folds::train(options, count, &mut |event| progress.show(event));
    progress.finish();
    let result = result?;
    if let Some(path) = &options.report {
        write("--report", path, page::folds(&result, &Origin::of_process())?.as_bytes())?;
    }
    print_beside(files(options), &report::folds(&result))
}

/// What is written when a run is over.
fn files(options: &Options) -> [Option<&str>; 3] {
    [options.json.as_deref(), options.report.as_deref(), options.save.as_deref()]
}

const EXAMPLES: &str = "\
Examples:
  host-sim train --test-subjects 1,2 --save shoulder.safetensors --json shoulder.json
      test on subjects 1 and 2; keep the weights and a record of the run
  host-sim train --network flow-16x2 --data train.csv --test test.csv --label label --drop id --plain sttl,dttl \\
                 --epochs 10 --save flow.safetensors
      a table of 42 columns and two classes
  host-sim train --pretrain masked --labels 0.1 --lr 2e-3
      learn from all windows without labels first, then from a tenth of them with labels
  host-sim train --folds 5 --epochs 10
      five runs, each tested on another two of the ten people
  host-sim train --data log.csv --window 16 --hop 8 --by run --group person --test-groups 9,10 --validation 0.2 --patience 5
      recordings of a sensor of one's own, with the best weights by validation
  host-sim train --schedule warm-restarts --restart-epochs 5 --restart-factor 2 --min-lr 1e-5
  host-sim train --optimizer nesterov --momentum 0.95 --lr 0.05 --weight-decay 1e-4
  host-sim train --sam top-k --sparsity 0.8 --noise 0.5 --ema 0.1
  host-sim train --validation 0.2 --epochs 500 --tui
      curves and results on the whole terminal; q stops the run
  host-sim train --epochs 200 --checkpoint run.ckpt
      keep the run after each epoch; stopped with Ctrl-C, killed or cut off from power, it goes on with --resume run.ckpt
  host-sim train --init pytorch.safetensors --order file --steps 100
      start from weights of another program, with samples in the order of the file

The same options and data give the same weights, bit for bit, on every machine: compare their CRC-32.
Results are written in one go when the training has finished; until then the files stay as they are.";
