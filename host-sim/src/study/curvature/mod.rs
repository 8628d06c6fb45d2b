//! How the loss of networks curves while they are trained: eigenvalues of its Hessian over mini-batches, and the loss itself on a
//! plane through the trained weights.

mod landscape;
mod look;
pub mod pictures;

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::MultiProgress;
use rayon::prelude::*;
use serde::Serialize;
use trainlet::extra::curvature::MAX_STEPS;
use trainlet::networks::{NAMES, visit};

pub use landscape::Surface;
pub use look::{Batch, Look, Run};

use crate::data::preprocessing;
use crate::networks::{self, Config};
use crate::run;
use crate::run::options::{DataOptions, Options, RateOptions, RegularisationOptions};
use crate::run::settings;
use crate::run::stack;
use crate::run::weights;
use crate::study::sweep::{bar, mean_and_deviation};

/// Which networks, and where their loss is looked at.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// Networks by name
    #[arg(
        long, value_name = "NAME", num_args = 1.., required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(NAMES)
    )]
    pub configs: Vec<String>,
    /// Runs of each network, with the seeds 0, 1, …
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Passes over the training data; 0 looks at the weights of --init alone
    #[arg(long, default_value_t = 25, value_name = "COUNT")]
    pub epochs: u32,
    /// After how many epochs to look [default: none, a tenth of them, all]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    pub at: Vec<u32>,
    /// Start from these weights instead of random ones
    #[arg(long, value_name = "FILE.safetensors")]
    pub init: Option<String>,
    /// Mini-batches of the training data for each look
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub batches: u32,
    /// Samples of such a mini-batch
    #[arg(long, default_value_t = 16, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: u32,
    /// Products of the Hessian for each mini-batch
    #[arg(
        long, default_value_t = MAX_STEPS as u32, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..=MAX_STEPS as i64)
    )]
    pub products: u32,
    /// Factor on the distance at which gradients are taken; where another one gives other eigenvalues, the loss bends within it
    #[arg(long, default_value_t = 0.3, value_name = "FACTOR")]
    pub reach: f32,
    /// λ of λ/2 ‖w‖² beside the loss, in training as in the Hessian
    #[arg(long, default_value_t = 0.0, value_name = "DECAY")]
    pub weight_decay: f32,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw where the networks lie: the most positive eigenvalue against the negative ratio
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// Draw histograms of the eigenvalues
    #[arg(long, value_name = "FILE.svg")]
    pub histograms: Option<String>,
    /// Draw the loss around the trained weights
    #[arg(long, value_name = "FILE.svg")]
    pub surfaces: Option<String>,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
    /// The learning rate.
    #[command(flatten)]
    pub rate: RateOptions,
    /// What keeps the networks from learning by heart.
    #[command(flatten)]
    pub regularisation: RegularisationOptions,
}

impl Question {
    /// The epochs after which there is a look, ascending.
    fn epochs_to_look_at(&self) -> Vec<u32> {
        let usual = [0, self.epochs.div_ceil(10), self.epochs];
        let mut at = if self.at.is_empty() { usual.to_vec() } else { self.at.clone() };
        at.sort_unstable();
        at.dedup();
        at
    }

    fn check(&self) -> Result<(), settings::Error> {
        if let Some(value) = self.at.iter().find(|at| **at > self.epochs) {
            let range = "at most as large as --epochs";
            return Err(settings::Error::OutOfRange { option: "--at", value: value.to_string(), range });
        }
        if !(self.reach.is_normal() && self.reach > 0.0) {
            let range = "above 0 and finite";
            return Err(settings::Error::OutOfRange { option: "--reach", value: self.reach.to_string(), range });
        }
        if self.regularisation.noisy_tests {
            return Err(settings::Error::Without { option: "--noisy-tests", owner: "train" });
        }
        // None at all is no mistake here.
        let options = self.options(&self.configs[0], 0);
        settings::check(&Options { epochs: options.epochs.max(1), ..options })
    }

    fn options(&self, config: &str, seed: u64) -> Options {
        let Self { epochs, data, rate, regularisation, .. } = self.clone();
        let mut options =
            Options { config: config.into(), seed, epochs, data, rate, regularisation, ..Options::default() };
        options.update.weight_decay = Some(self.weight_decay);
        options
    }
}

/// A network, run by run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub config: &'static str,
    /// How many numbers it has.
    pub parameters: usize,
    /// One per seed.
    pub runs: Vec<Run>,
}

impl Row {
    /// Mean over the runs of look number `look`, and the deviation from run to run, of something that a mini-batch has.
    pub fn over_runs(&self, look: usize, figure: fn(&Batch) -> f32) -> (f32, f32) {
        let mean = |run: &Run| mean_and_deviation(&run.looks[look].figures(figure)).0;
        mean_and_deviation(&self.runs.iter().map(mean).collect::<Vec<_>>())
    }
}

/// Trains each network with each seed, side by side on all cores, and looks at it on the way.
///
/// # Errors
/// Options that make no sense, data or weights that are not what they must be.
pub fn rows(question: &Question) -> Result<Vec<Row>, run::Error> {
    question.check()?;
    let init = question.init.as_ref().map(|path| weights::File::read(path)).transpose()?;
    let train = preprocessing::for_training(&question.data)?.train;
    let found = |name: &String| {
        let config = networks::find(name)?;
        config.check(&train).map(|()| config)
    };
    let configs = question.configs.iter().map(found).collect::<Result<Vec<Config>, _>>()?;
    let (bars, at) = (MultiProgress::new(), question.epochs_to_look_at());
    let bars: Vec<_> = configs.iter().map(|config| bars.add(bar(config.name))).collect();
    let jobs: Vec<_> =
        configs.iter().zip(&bars).flat_map(|job| (0..question.seeds).map(move |seed| (job, seed))).collect();
    let carry_out = |((config, bar), seed): ((&Config, _), u64)| {
        let options = question.options(config.name, seed);
        let task = look::Task { question, options, at: &at, init: init.as_ref(), train: &train, bar };
        stack::large(move || visit(config.name, task)).expect("the list has just given this name")
    };
    let mut runs = jobs.into_par_iter().map(carry_out).collect::<Result<Vec<_>, _>>()?.into_iter();
    let row = |&Config { name: config, parameters, .. }: &Config| Row {
        config,
        parameters,
        runs: runs.by_ref().take(question.seeds as usize).collect(),
    };
    Ok(configs.iter().map(row).collect())
}
