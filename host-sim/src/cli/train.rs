//! `train`

use std::error::Error;

use super::output::print;
use super::progress::Progress;
use crate::report;
use crate::run::options::Options;
use crate::run::{Target, folds, train_watched};

/// All settings of a run.
#[derive(Debug, Default, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    options: Options,
}

impl Args {
    /// Trains on this computer.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        match self.options.folds {
            Some(count) => train_folds(&self.options, count),
            None => train(&self.options, Target::Desktop),
        }
    }
}

/// Trains on a target, and shows progress and results.
pub fn train(options: &Options, target: Target) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new();
    let result = train_watched(options, target, &mut |event| progress.show(event));
    progress.finish();
    print(&report::run(&result?))
}

/// Trains once for each fold, and shows the results side by side.
fn train_folds(options: &Options, count: u32) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new();
    let result = folds::train(options, count, &mut |event| progress.show(event));
    progress.finish();
    print(&report::folds(&result?))
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
  host-sim train --init pytorch.safetensors --order file --steps 100
      start from weights of another program, with samples in the order of the file

The same options and data give the same weights, bit for bit, on every machine: compare their CRC-32.
Results are written in one go when the training has finished; until then the files stay as they are.";
