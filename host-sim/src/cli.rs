//! The command line.

use clap::{Parser, Subcommand};

use crate::apply::Source;
use crate::options::Options;

/// Trains, tests and uses the networks of trainlet on a desktop, with the very code that the boards run
#[derive(Debug, Parser)]
#[command(name = "host-sim", version, after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Cli {
    /// What to do; `train` with its defaults if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network, test it and say what came out (the default)
    #[command(after_help = TRAIN, allow_negative_numbers = true)]
    Train(Box<Options>),
    /// List the networks: parameters and RAM
    Configs,
    /// Test trained weights on labelled data
    #[command(after_help = EVALUATE)]
    Evaluate(Source),
    /// Predict the class of each sample, as CSV
    #[command(after_help = PREDICT)]
    Predict {
        /// Weights and data.
        #[command(flatten)]
        source: Source,
        /// Write there instead of standard output
        #[arg(long, value_name = "FILE.csv")]
        output: Option<String>,
    },
}

const EXAMPLES: &str = "\
Examples:
  host-sim                                      train watch-12x1 on the watch recordings, test on people 9 and 10
  host-sim train --config watch-16x2 --seed 3   a larger network, other random numbers
  host-sim train --help                         all options of the training, with examples
  host-sim configs                              which networks there are, and what they cost";

const TRAIN: &str = "\
Examples:
  host-sim train --test-subjects 1,2 --save shoulder.safetensors --json shoulder.json
      test on people 1 and 2; keep the weights and a record of the run
  host-sim train --config flow-16x2 --data train.csv --test test.csv --label label --drop id --plain sttl,dttl \\
                 --epochs 10 --save flow.safetensors
      a table of 42 columns and two classes
  host-sim train --schedule warm-restarts --restart-epochs 5 --restart-factor 2 --min-lr 1e-5
  host-sim train --optimizer nesterov --momentum 0.95 --lr 0.05 --weight-decay 1e-4
  host-sim train --init pytorch.safetensors --order file --steps 100
      start from weights of another program, with samples in the order of the file

The same options and data give the same weights, bit for bit, on every machine: compare their CRC-32.
Results are written in one go when the training is through; until then the files stay as they are.";

const EVALUATE: &str = "\
Examples:
  host-sim evaluate --weights shoulder.safetensors --test-subjects 1,2
  host-sim evaluate --weights flow.safetensors --data test.csv

The weights' file knows its network and how the training data were prepared; other data are prepared in the same way.";

const PREDICT: &str = "\
Examples:
  host-sim predict --weights flow.safetensors --data new.csv --output predictions.csv

One line per sample: the predicted class, then the probability of each class. No label is needed.";
