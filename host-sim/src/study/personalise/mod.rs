//! A network that was trained on other people adapts to a new one: how much better it gets on that person, from how many labelled
//! windows, what it forgets about the others, and what that costs on a board.
//!
//! The protocol: one subject after the other is the new one. The network is pre-trained on the first halves of the other subjects'
//! recordings, adapts on the first windows of the new one's, and is tested on the second halves.

mod fit;
mod protocol;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use rayon::prelude::*;
use serde::Serialize;

use crate::networks::budget::STACK;
use crate::networks::budget::boards::{Core, Effort};
use crate::networks::settings::Part;
use crate::networks::{self, Network};
use crate::run::augment::Change;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{Options, RegularisationOptions, ScheduleName};
use crate::run::{self, settings};
use protocol::{Accuracies, Device, Labels, Person, Subjects};

pub use protocol::EVERYBODY;

/// Who adapts, from what, and how.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// The network
    #[arg(long, value_name = "NAME", default_value = networks::default(), value_parser = PossibleValuesParser::new(networks::names()))]
    pub network: String,
    /// Subjects who are the new one in turn: `all`, or numbers from 1 to 10
    #[arg(long, value_name = "NUMBERS", default_value = "all")]
    pub subjects: Subjects,
    /// Labelled windows of each recording of the new subject, `all` for its first half; one row of the table for each
    #[arg(long, value_name = "WINDOWS", value_delimiter = ',', default_value = "2,4,8,all")]
    pub labels: Vec<Labels>,
    /// What the adaptation trains
    #[arg(long, value_enum, default_value_t = Method::Full)]
    pub method: Method,
    /// Windows of the pre-training that are kept in flash and learnt from again beside the new ones
    #[arg(long, value_name = "WINDOWS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=2048))]
    pub replay: u32,
    /// What adapts: `desktop`, `qemu` for an emulated Cortex-M4F with the program `adapt`, or the serial port of a board with the program
    /// `node`; its weights are compared with this computer's
    #[arg(long, value_name = "desktop|qemu|PORT", default_value = "desktop")]
    pub on: Device,
    /// Passes over the other subjects' windows
    #[arg(long, default_value_t = 40, value_name = "COUNT")]
    pub pretrain_epochs: u32,
    /// Other variants of these windows in each pass, as `train --augment` has them
    #[arg(long, value_name = "CHANGES", value_delimiter = ',')]
    pub augment: Vec<Change>,
    /// Passes over the new subject's windows [default: 20, with --method scratch 60]
    #[arg(long, value_name = "COUNT")]
    pub epochs: Option<u32>,
    /// The learning rate of the adaptation, which stays [default: 0.002, with --method scratch 0.005]
    #[arg(long, value_name = "RATE")]
    pub lr: Option<f32>,
    /// Samples per update of the adaptation
    #[arg(long, default_value_t = 8, value_name = "SAMPLES")]
    pub batch: u32,
    /// Fixes every random number
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
    /// Write the file from which the program `adapt` is built, for one subject and one number of labelled windows, and do nothing else
    #[arg(long, value_name = "FILE.rs", conflicts_with_all = ["json", "svg"])]
    pub firmware: Option<String>,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: accuracy against labelled windows
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
}

/// Ways to adapt by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Every weight goes on learning
    Full,
    /// The head
    Head,
    /// The last block and the head
    LastBlock,
    /// Biases, normalisations and the head
    Biases,
    /// Every weight, from random ones: what the pre-training is worth
    Scratch,
}

impl Method {
    fn part(self) -> Part {
        match self {
            Self::Full | Self::Scratch => Part::All,
            Self::Head => Part::Head,
            Self::LastBlock => Part::LastBlock,
            Self::Biases => Part::Biases,
        }
    }

    /// The mode of a board that trains as much.
    fn mode(self) -> &'static str {
        match self {
            Self::Full | Self::Scratch => "keep-adam",
            Self::Head => "head-adam",
            Self::LastBlock => "last-block-adam",
            Self::Biases => "biases-adam",
        }
    }
}

/// Adaptations from as many labelled windows, over all subjects.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Labelled windows of a recording; `None` for its first half.
    pub labels: Option<usize>,
    /// The same of all recordings together, mean.
    pub windows: usize,
    /// One by one.
    pub subjects: Vec<Adapted>,
    /// Mean accuracies.
    pub mean: Accuracies,
    /// Standard deviation of the accuracy on the new subject after the adaptation.
    pub deviation: f32,
    /// Subjects on whom the network is better afterwards.
    pub better: usize,
    /// What it costs on a Cortex-M4F.
    pub cost: Cost,
}

/// An adaptation.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Adapted {
    /// The new subject.
    pub subject: u32,
    /// Labelled windows.
    pub windows: usize,
    /// Accuracies on the second halves of recordings.
    #[serde(flatten)]
    pub accuracies: Accuracies,
    /// CRC-32 of the weights.
    pub weights_crc32: u32,
    /// Of a board's weights, if one has adapted as well.
    pub board_crc32: Option<u32>,
    /// Seconds that a board took, by its own clock, in which those of the line are.
    pub board_seconds: Option<f64>,
    /// Bytes of RAM of the program `adapt`, its stack left out.
    pub board_ram: Option<usize>,
}

/// What an adaptation costs on a board.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Seconds of a Cortex-M4F at 168 MHz, by the cycles of a sample and an update.
    pub seconds: f64,
    /// Bytes of trainer, labelled windows as bytes with their labels, and stack.
    pub ram: usize,
    /// Bytes of the windows that are learnt from again.
    pub flash: usize,
}

/// A board whose weights differ from this computer's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "subject {subject}: the board's weights have the CRC-32 {board:08x}, this computer's {here:08x}; both must be built from the same version"
)]
pub struct Different {
    subject: u32,
    board: u32,
    here: u32,
}

/// Pre-trains and adapts for each subject.
///
/// # Errors
/// Options that make no sense, a board that does not answer as it should.
pub fn rows(args: &Args, watcher: &(dyn Fn(u32) + Sync)) -> Result<Vec<Row>, super::Error> {
    let network = check(args)?;
    let of_subject = |subject: &u32| {
        let person = Person::new(args, network, *subject)?;
        let adapted = args.labels.iter().map(|labels| person.adapt(*labels)).collect::<Result<Vec<_>, _>>()?;
        watcher(*subject);
        Ok(adapted)
    };
    let subjects = args.subjects.numbers();
    // A board does one thing at a time.
    let of_subjects: Vec<Vec<Adapted>> = if args.on != Device::Desktop {
        subjects.iter().map(of_subject).collect::<Result<_, run::Error>>()?
    } else {
        subjects.par_iter().map(of_subject).collect::<Result<_, run::Error>>()?
    };
    let different = of_subjects
        .iter()
        .flatten()
        .find(|adapted| adapted.board_crc32.is_some_and(|board| board != adapted.weights_crc32));
    if let Some(Adapted { subject, weights_crc32: here, board_crc32, .. }) = different {
        return Err(Different { subject: *subject, board: board_crc32.unwrap_or_default(), here: *here }.into());
    }
    let row = |(place, labels): (usize, &Labels)| {
        row(args, network, *labels, of_subjects.iter().map(|adapted| adapted[place]).collect())
    };
    Ok(args.labels.iter().enumerate().map(row).collect())
}

/// The text of the file from which the program `adapt` is built.
///
/// # Errors
/// Options that make no sense, or are not for one subject.
pub fn firmware(args: &Args) -> Result<String, run::Error> {
    let network = check(args)?;
    args.check_program()?;
    let ([subject], [labels]) = (args.subjects.numbers(), &args.labels[..]) else {
        return Err(settings::Error::AdaptationFile.into());
    };
    Ok(Person::new(args, network, *subject)?.adaptation(*labels).source())
}

fn check(args: &Args) -> Result<&'static Network, run::Error> {
    let network = networks::find(&args.network)?;
    for options in [args.pretraining(), args.adaptation()] {
        run::check(&options)?;
    }
    match args.on {
        Device::Desktop => {}
        Device::Qemu => args.check_program()?,
        Device::Port(_) => settings::check_for_board(&args.adaptation())?,
    }
    Ok(network)
}

fn row(args: &Args, network: &Network, labels: Labels, subjects: Vec<Adapted>) -> Row {
    let mean = |of: fn(&Accuracies) -> f32| {
        mean_and_deviation(&subjects.iter().map(|adapted| of(&adapted.accuracies)).collect::<Vec<_>>())
    };
    let (after, deviation) = mean(|of| of.after);
    let mean = Accuracies {
        before: mean(|of| of.before).0,
        after,
        others_before: mean(|of| of.others_before).0,
        others_after: mean(|of| of.others_after).0,
    };
    let better = subjects.iter().filter(|adapted| adapted.accuracies.after > adapted.accuracies.before).count();
    let windows = subjects.iter().map(|adapted| adapted.windows).sum::<usize>() / subjects.len().max(1);
    let cost = args.cost(network, windows);
    Row { labels: labels.0, windows, subjects, mean, deviation, better, cost }
}

impl Args {
    /// The program `adapt` has one network and one way to train it.
    fn check_program(&self) -> Result<(), settings::Error> {
        if self.network == networks::DEFAULT && self.method == Method::Full {
            Ok(())
        } else {
            Err(settings::Error::Adapt)
        }
    }

    fn pretraining(&self) -> Options {
        Options {
            network: self.network.clone(),
            epochs: self.pretrain_epochs,
            seed: self.seed,
            regularisation: RegularisationOptions {
                augment: self.augment.clone(),
                ..Options::default().regularisation
            },
            ..Options::default()
        }
    }

    fn adaptation(&self) -> Options {
        let is_new = self.method == Method::Scratch;
        let (epochs, lr) = if is_new { (60, 5e-3) } else { (20, 2e-3) };
        let mut options = Options {
            network: self.network.clone(),
            epochs: self.epochs.unwrap_or(epochs),
            batch: self.batch,
            seed: self.seed,
            ..Options::default()
        };
        options.rate.lr = self.lr.unwrap_or(lr);
        (options.rate.schedule, options.rate.warmup) = (ScheduleName::Constant, 0.0);
        options.update.trained = self.method.part();
        options
    }

    /// By the cycles of a sample and an update.
    fn cost(&self, network: &Network, windows: usize) -> Cost {
        /// Of an STM32F405.
        const HZ: f64 = 168e6;
        let mode = network.modes().into_iter().find(|mode| mode.name == self.method.mode());
        let (macs, trained, ram) = mode
            .map_or((network.train_macs, network.parameters, network.budget.total), |mode| {
                (mode.macs, mode.trained, mode.budget.total)
            });
        let replayed = self.replay as usize;
        let samples = self.adaptation().epochs as usize * (windows + replayed);
        let updates = trained as f64 / f64::from(self.batch);
        let cycles = Core::CortexM4F.cycles(network, Effort { macs, updates, moments: 2 });
        let bytes = network.inputs + 1;
        Cost { seconds: samples as f64 * cycles / HZ, ram: ram + windows * bytes + STACK, flash: replayed * bytes }
    }
}
