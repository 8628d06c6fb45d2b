//! How the loss of networks curves while they are trained: eigenvalues of its Hessian over mini-batches, and the loss itself on a
//! plane through the trained weights.

mod landscape;
mod look;

use clap::builder::PossibleValuesParser;
use indicatif::MultiProgress;
use rayon::prelude::*;
use serde::Serialize;
use trainlet::extra::curvature::MAX_STEPS;

pub use landscape::{POINTS, Surface, place};
pub use look::{Batch, Look, Run};

use crate::data::preprocessing;
use crate::networks::{self, Network};
use crate::run;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{DataOptions, Options, RateOptions, RegularisationOptions};
use crate::run::settings;
use crate::run::weights;
use crate::stack;
use crate::study::sweep::bar;

/// Which networks, and at which points of the training the Hessian is examined.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Networks by name
    #[arg(
        long = "network", value_name = "NAME", num_args = 1.., required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(networks::names())
    )]
    pub networks: Vec<String>,
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
    /// Multiplies the distance at which gradients are taken for a product of the Hessian. If another factor changes the
    /// eigenvalues, the loss is not quadratic over that distance
    #[arg(long, default_value_t = 0.3, value_name = "FACTOR")]
    pub reach: f32,
    /// λ of the term λ/2 ‖w‖² that is added to the loss, in training and in the Hessian
    #[arg(long, default_value_t = 0.0, value_name = "DECAY")]
    pub weight_decay: f32,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw the networks: the most positive eigenvalue against the negative ratio
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
    /// What keeps the networks from overfitting.
    #[command(flatten)]
    pub regularisation: RegularisationOptions,
}

impl Args {
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
        let options = self.options(&self.networks[0], 0);
        settings::check(&Options { epochs: options.epochs.max(1), ..options })
    }

    fn options(&self, network: &str, seed: u64) -> Options {
        let Self { epochs, data, rate, regularisation, .. } = self.clone();
        let mut options =
            Options { network: network.into(), seed, epochs, data, rate, regularisation, ..Options::default() };
        options.update.weight_decay = Some(self.weight_decay);
        options
    }
}

/// A network, run by run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub network: &'static str,
    /// Number of its weights.
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
/// Options that make no sense, bad data or weights.
pub fn rows(args: &Args) -> Result<Vec<Row>, run::Error> {
    args.check()?;
    let init = args.init.as_ref().map(|path| weights::File::read(path)).transpose()?;
    let train = preprocessing::for_training(&args.data, 0)?.train;
    let found = |name: &String| {
        let network = networks::find(name)?;
        network.check(&train).map(|()| network)
    };
    let networks = args.networks.iter().map(found).collect::<Result<Vec<&Network>, _>>()?;
    let (bars, at) = (MultiProgress::new(), args.epochs_to_look_at());
    let bars: Vec<_> = networks.iter().map(|network| bars.add(bar(network.name))).collect();
    let jobs: Vec<_> =
        networks.iter().zip(&bars).flat_map(|job| (0..args.seeds).map(move |seed| (job, seed))).collect();
    let run = |((network, bar), seed): ((&&'static Network, _), u64)| {
        let options = args.options(network.name, seed);
        let init = init.as_ref().map(|file| run::read(file, network)).transpose()?;
        let task = look::Task { args, network, options, at: &at, init, train: &train, bar };
        stack::large(move || task.run())
    };
    let mut runs = jobs.into_par_iter().map(run).collect::<Result<Vec<_>, run::Error>>()?.into_iter();
    let row = |network: &&'static Network| Row {
        network: network.name,
        parameters: network.parameters,
        runs: runs.by_ref().take(args.seeds as usize).collect(),
    };
    Ok(networks.iter().map(row).collect())
}
