//! The command line.

pub mod progress;

use clap::{Args, Parser, Subcommand};

use crate::board::Place;
use crate::board::emulator::Machine;
use crate::board::firmware::{Activations, Board};
use crate::board::growth;
use crate::networks::budget::Question;
use crate::run::options::Options;
use crate::run::predict::Source;
use crate::study::ablation;
use crate::study::compare;
use crate::study::curvature;
use crate::study::ideas;
use crate::study::labels;
use crate::study::modes;

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
    /// Compare what the networks need with what the boards have
    #[command(after_help = BUDGET)]
    Budget(Question),
    /// Try every way of training on an emulated board: bytes, stack, instructions, and the same bits as here
    #[command(after_help = MODES)]
    Modes(modes::Question),
    /// Try what goes beyond the plain step on an emulated board: bytes, cycles, the same bits as here, and what it brings
    #[command(after_help = IDEAS)]
    Ideas(ideas::Question),
    /// List what pre-training costs, beside training: RAM and multiply-accumulates
    Pretexts,
    /// Measure what learning without labels is worth: new people, few labels, with pre-training and without
    #[command(after_help = PRETRAIN_STUDY)]
    PretrainStudy(labels::Question),
    /// Train as `train` does, but on a board or in QEMU, over its serial line
    #[command(after_help = BOARD, allow_negative_numbers = true)]
    Board(Box<OnBoard>),
    /// Train on a board and here, and compare the weights bit for bit
    #[command(after_help = TWIN, allow_negative_numbers = true)]
    Twin(Box<Twin>),
    /// Run a board's own program in QEMU: it trains on the data in its flash
    Standalone {
        /// Which board
        #[arg(long, value_enum, value_name = "BOARD")]
        qemu: Machine,
        /// What the blocks keep for the backward pass
        #[arg(long, value_enum, default_value_t = Activations::Keep)]
        activations: Activations,
    },
    /// Build the boards' programs and list their sizes
    Boards {
        /// Which boards [default: all]
        #[arg(value_enum, value_name = "BOARD")]
        boards: Vec<Board>,
    },
    /// Count the cycles that training takes on a Cortex-M4F, in QEMU
    #[command(after_help = BENCH)]
    Bench(Bench),
    /// Train several networks under one recipe, and compare accuracy, RAM and cycles
    #[command(after_help = COMPARE, allow_negative_numbers = true)]
    Compare(Box<compare::Question>),
    /// Count the cycles of a sample for networks from small to large, beside what the processor can do at best
    #[command(after_help = GROWTH)]
    Growth(growth::Question),
    /// Run the notebook that this project starts from again, step by step, and measure what each change is worth
    #[command(after_help = LADDER)]
    Ladder(Box<ablation::Question>),
    /// Look at how the loss of networks curves while they are trained: eigenvalues of the Hessian, and the loss around the weights
    #[command(after_help = SPECTRUM)]
    Spectrum(Box<curvature::Question>),
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

/// A run on a board, or a look at it.
#[derive(Debug, Args)]
pub struct OnBoard {
    /// Which board.
    #[command(flatten)]
    pub place: Place,
    /// Begin anew, whatever the board has learnt in another run
    #[arg(long)]
    pub restart: bool,
    /// Say where the board stands and how much RAM it uses, and do nothing else
    #[arg(long, conflicts_with = "fetch")]
    pub status: bool,
    /// Write the board's weights as they are, and do nothing else; `--init` takes them
    #[arg(long, value_name = "FILE.safetensors")]
    pub fetch: Option<String>,
    /// How the run goes.
    #[command(flatten)]
    pub options: Options,
}

/// A comparison of board and desktop.
#[derive(Debug, Args)]
pub struct Twin {
    /// Which board.
    #[command(flatten)]
    pub place: Place,
    /// Begin anew, whatever the board has learnt in another run
    #[arg(long)]
    pub restart: bool,
    /// Compare the weights after so many steps each
    #[arg(long, default_value_t = 10, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    pub every: u32,
    /// How the run goes.
    #[command(flatten)]
    pub options: Options,
}

/// What is to be known of the cycles.
#[derive(Debug, Args)]
pub struct Bench {
    /// Build the programs without what the library has in assembly
    #[arg(long)]
    pub plain: bool,
    /// List the functions that take the most of each window as well
    #[arg(long)]
    pub functions: bool,
    /// Write all figures there
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  host-sim                                      train watch-12x1 on the watch recordings, test on people 9 and 10
  host-sim train --config watch-16x2 --seed 3   a larger network, other random numbers
  host-sim train --help                         all options of the training, with examples
  host-sim configs                              which networks there are, and what they cost
  host-sim board --qemu stm32f405 --epochs 2    train on an emulated Cortex-M4F
  host-sim board --port /dev/ttyACM0            train on the board that is plugged in";

const TRAIN: &str = "\
Examples:
  host-sim train --test-subjects 1,2 --save shoulder.safetensors --json shoulder.json
      test on people 1 and 2; keep the weights and a record of the run
  host-sim train --config flow-16x2 --data train.csv --test test.csv --label label --drop id --plain sttl,dttl \\
                 --epochs 10 --save flow.safetensors
      a table of 42 columns and two classes
  host-sim train --pretrain masked --labels 0.1 --lr 2e-3
      learn from all windows without labels first, then from a tenth of them with labels
  host-sim train --schedule warm-restarts --restart-epochs 5 --restart-factor 2 --min-lr 1e-5
  host-sim train --optimizer nesterov --momentum 0.95 --lr 0.05 --weight-decay 1e-4
  host-sim train --sam top-k --sparsity 0.8 --noise 0.5 --ema 0.1
  host-sim train --init pytorch.safetensors --order file --steps 100
      start from weights of another program, with samples in the order of the file

The same options and data give the same weights, bit for bit, on every machine: compare their CRC-32.
Results are written in one go when the training is through; until then the files stay as they are.";

const BUDGET: &str = "\
Examples:
  host-sim budget
  host-sim budget --config watch-12x1 flow-7x6 --optimizer momentum
  host-sim budget --config watch-16x2 --mode online-sgd --fits stm32g431
  host-sim budget --config watch-12x1 watch-16x2 --board stm32f405 --svg budget.svg --json budget.json

All figures are constants of the types that the boards' programs use. The stack is the bound that tests hold the trainer to.";

const MODES: &str = "\
Examples:
  host-sim modes
  host-sim modes --config flow-7x6 --qemu riscv-virt
  host-sim modes --config watch-26x2 --mode block-input-adam --steps 100
  host-sim modes --accuracy --json modes.json

A mode's name says what the blocks keep for the backward pass, or `online` for updates without a gradient buffer, or which part
is trained; then the optimiser, and in how many bits it keeps a number if not in 32.";

const COMPARE: &str = "\
Examples:
  host-sim compare --configs watch-16x2 watch-convnext alter-4
  host-sim compare --configs watch-16x2,watch-separable --dropout 0.3 --seeds 5 --json compare.json --svg compare.svg
  host-sim compare --configs flow-16x2 flow-7x6 --data train.csv --test test.csv --measure

Every network has the same recipe, the same order of samples and as many steps. The deviation is that over groups of people and
seeds together; the differences to the first network are those of runs with the same people and seed. RAM is that of a trainer with everything kept, a sample, and the stack.";

const IDEAS: &str = "\
Examples:
  host-sim ideas
  host-sim ideas --accuracy --json ideas.json
  host-sim train --sam sam --rho 0.1 --ema 0.1

`train` has options for each of them.";

const PRETRAIN_STUDY: &str = "\
Examples:
  host-sim pretrain-study
  host-sim pretrain-study --config watch-16x2 --dropout 0.3 --json study.json --svg study.svg
  host-sim pretrain-study --masking subset --visible 4 --labels 0.02,0.05

Every run learns from all windows of the training people without labels, or not at all, and then for the same number of steps
from a share of them with labels. The learning rate of these is chosen for each way by itself, on people who are neither
trained nor tested with.";

const BOARD: &str = "\
Examples:
  host-sim board --qemu stm32f405 --epochs 2
  host-sim board --port /dev/ttyACM0 --save shoulder.safetensors --json shoulder.json
  host-sim board --port /dev/ttyACM0 --status
  host-sim board --port /dev/ttyACM0 --fetch found.safetensors
  host-sim board --qemu riscv-virt --config flow-7x6 --data train.csv --steps 50

If the connection breaks, give the same command again: the board knows the run, and goes on where it was.";

const TWIN: &str = "\
Examples:
  host-sim twin --qemu stm32f405 --steps 500 --batch 4 --dropout 0.1 --drop-path 0.2
  host-sim twin --port /dev/ttyACM0 --steps 100 --every 1

The first step at which a bit differs is named, with the leaf and the value; the exit code is then 1.";

const BENCH: &str = "\
Examples:
  host-sim bench
  host-sim bench --functions --json cycles.json
  host-sim bench --plain

Builds the programs in boards/bench-m4 and runs them in QEMU. Instructions are counted exactly; cycles are an estimate by the
tables of the Cortex-M4's reference manual, for memories that answer at once. The figures depend on the compiler, but not on
the speed of your computer.";

const GROWTH: &str = "\
Examples:
  host-sim growth
  host-sim growth --configs watch-12x1 alter-4 --svg growth.svg --json growth.json

Forward and backward pass with everything kept, without the update. The bound is 2.55 cycles for each multiply-accumulate.";

const LADDER: &str = "\
Examples:
  host-sim ladder --data watch --epochs 25
  host-sim ladder --data train.csv --test test.csv --drop id --svg ladder.svg --json ladder.json

All rungs have the same order of samples and as many updates with labels, but for `twice the epochs`: that is the plain run with
the work of SAM, which takes two passes over the data for each update, and of as many epochs of pre-training. Each step stands on
those before it; each idea stands by itself on the last step. Together are those whose mean gain is above 0, of several kinds of
schedule or of SAM the best; they are chosen by the test that they are shown on. Gains are differences of runs with the same seed,
mean and standard deviation.";

const SPECTRUM: &str = "\
Examples:
  host-sim spectrum --configs watch-16x2
  host-sim spectrum --configs watch-16x2,watch-convnext,alter-4 --svg places.svg --histograms eigenvalues.svg --surfaces loss.svg
  host-sim spectrum --configs flow-16x2 --data train.csv --drop id --init flow.safetensors --epochs 0

The Hessian is that of the loss of a mini-batch of training samples, without dropout; every network sees the same mini-batches.";

const EVALUATE: &str = "\
Examples:
  host-sim evaluate --weights shoulder.safetensors --test-subjects 1,2
  host-sim evaluate --weights flow.safetensors --data test.csv

The weights' file knows its network and how the training data were prepared; other data are prepared in the same way.";

const PREDICT: &str = "\
Examples:
  host-sim predict --weights flow.safetensors --data new.csv --output predictions.csv

One line per sample: the predicted class, then the probability of each class. No label is needed.";
