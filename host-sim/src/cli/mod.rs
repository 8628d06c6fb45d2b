//! The command line: a file for each command, with its arguments, what it does and what it prints.

mod bench;
mod board;
mod budget;
mod completions;
mod design;
mod evaluate;
mod export;
mod firmware;
mod given;
mod interrupt;
mod live;
mod networks;
mod new;
mod output;
mod page;
mod personalise;
mod predict;
mod progress;
mod study;
mod tensorboard;
mod train;
mod twin;
mod watching;

use std::error::Error;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::networks::budget::NotListed;
use crate::networks::{Network, install};
use crate::run::output::Error as FileError;
use crate::run::{self, checkpoint, quiet, settings};
use crate::study::Error as StudyError;

/// Trains, tests and uses networks of trainlet on a desktop, with the very code that boards run
#[derive(Debug, Parser)]
#[command(name = "host-sim", version, after_help = EXAMPLES, allow_negative_numbers = true)]
struct Cli {
    /// What to do; `train` with its defaults if nothing is given.
    #[command(subcommand)]
    command: Option<Command>,
    /// Show results and errors only, no progress
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a network and test it (the default)
    Train(Box<train::Args>),
    /// Test trained weights on labelled data
    Evaluate(evaluate::Args),
    /// Predict the class of each sample, as CSV
    Predict(predict::Args),
    /// Write trained weights as Rust or C for a device, or for PyTorch
    Export(export::Args),
    /// Write a project of your own for some data: network, firmware, tests
    New(Box<new::Args>),
    /// List the networks: parameters and RAM
    Networks(networks::Args),
    /// Find a network for your data that fits your board
    Design(Box<design::Args>),
    /// Compare what the networks need with what the boards have
    Budget(budget::Args),
    /// Train as `train` does, but on a board or in QEMU, over its serial line
    Board(Box<board::Args>),
    /// Train on a board and here, and compare the weights bit for bit
    Twin(Box<twin::Args>),
    /// Build the boards' programs and list their sizes
    Firmware(firmware::Args),
    /// Count the cycles that training takes on a Cortex-M4F, in QEMU
    Bench(bench::Args),
    /// Adapt a trained network to a new person, on this computer or a board, and test what it is worth
    Personalise(Box<personalise::Args>),
    /// Compare networks, ways of training and settings by many runs
    #[command(subcommand)]
    Study(study::Study),
    /// Write a script that completes commands and options in your shell
    Completions(completions::Args),
}

/// The command line: its commands and options, with what they are for.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Bad data, files, boards or results.
const FAILED: u8 = 1;
/// Options that make no sense; also what clap says of options that it does not know.
const USAGE: u8 = 2;

/// The `host-sim` command with these networks: the whole `main` of a program.
pub fn main(networks: Vec<Network>) -> ExitCode {
    install(networks);
    let cli = Cli::parse();
    if cli.quiet {
        quiet::be_quiet();
    }
    match run(cli.command.unwrap_or_else(|| Command::Train(Box::default()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let is_interrupted =
                matches!(error.downcast_ref(), Some(run::Error::Interrupted { .. } | run::Error::LeftToBoard { .. }));
            let kind = if is_interrupted { "" } else { "error: " };
            eprintln!("{kind}{}", output::printable(&error.to_string()));
            ExitCode::from(match () {
                () if is_interrupted => interrupt::CODE,
                () if is_usage(&*error) => USAGE,
                () => FAILED,
            })
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Train(args) => args.run(),
        Command::Evaluate(args) => args.run(),
        Command::Predict(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::New(args) => args.run(),
        Command::Networks(args) => args.run(),
        Command::Design(args) => args.run(),
        Command::Budget(args) => args.run(),
        Command::Board(args) => args.run(),
        Command::Twin(args) => args.run(),
        Command::Firmware(args) => args.run(),
        Command::Bench(args) => args.run(),
        Command::Personalise(args) => args.run(),
        Command::Study(study) => study.run(),
        Command::Completions(args) => args.run(),
    }
}

fn is_usage(error: &(dyn Error + 'static)) -> bool {
    if let Some(StudyError::Run(error)) = error.downcast_ref() {
        return is_usage(error);
    }
    error.is::<settings::Error>()
        || error.is::<NotListed>()
        || error.is::<live::Refused>()
        || matches!(error.downcast_ref(), Some(checkpoint::Error::Option { .. }))
        || matches!(error.downcast_ref(), Some(FileError::SameFile { .. }))
        || matches!(error.downcast_ref(), Some(run::Error::Options(_) | run::Error::Output(FileError::SameFile { .. })))
}

const EXAMPLES: &str = "\
Examples:
  host-sim                                      train watch-12x1 on the watch recordings, test on subjects 9 and 10
  host-sim train --network watch-16x2 --seed 3   a larger network, other random numbers
  host-sim train --help                         all options of the training, with examples
  host-sim networks                             which networks there are, and what they cost
  host-sim board --qemu stm32f405 --epochs 2    train on an emulated Cortex-M4F
  host-sim board --port /dev/ttyACM0            train on the board that is plugged in";
