//! How the loss of networks curves while they are trained: eigenvalues of its Hessian over mini-batches, and the loss itself on a
//! plane through the trained weights.

mod landscape;
mod look;

use clap::builder::PossibleValuesParser;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;
use trainlet::extra::curvature::{LanczosConfig, MAX_STEPS};

pub use landscape::{POINTS, Surface, place};
use look::Task;
pub use look::{Batch, Look, Run};

use crate::data::{Dataset, preprocessing};
use crate::networks::stack;
use crate::networks::weights;
use crate::networks::{self, Network};
use crate::run;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{DataOptions, Options, RateOptions, RegularisationOptions};
use crate::run::quiet;
use crate::run::settings;
use crate::study::Error;
use crate::study::shards::{Runs, ShardOptions};
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
    /// Write the figures; `-` is standard output
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
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
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

/// Trains each network with each seed, side by side on all cores, and looks at it on the way; `None` if some runs are for other
/// machines.
///
/// # Errors
/// Options that make no sense, bad data or weights, parts that are none.
pub fn rows(args: &Args, runs: &mut Runs) -> Result<Option<Vec<Row>>, Error> {
    let prepared = Prepared::new(args)?;
    let bars = quiet::bars();
    let bars: Vec<_> = prepared.networks.iter().map(|network| bars.add(bar(network.name))).collect();
    let tasks = prepared.tasks(args, &bars)?;
    let make = |tasks: &[&Task]| {
        let made = tasks.par_iter().map(|task| stack::large(|| task.run()));
        Ok(made.collect::<Result<Vec<_>, run::Error>>()?)
    };
    let Some(made) = runs.outcomes::<_, _, Error>(&tasks, make)? else { return Ok(None) };
    let mut made = made.into_iter();
    let row = |network: &&'static Network| Row {
        network: network.name,
        parameters: network.parameters,
        runs: made.by_ref().take(args.seeds as usize).collect(),
    };
    Ok(Some(prepared.networks.iter().map(row).collect()))
}

/// What the runs have in common.
struct Prepared {
    networks: Vec<&'static Network>,
    train: Dataset,
    init: Option<weights::File>,
    at: Vec<u32>,
}

impl Prepared {
    fn new(args: &Args) -> Result<Self, run::Error> {
        args.check()?;
        let init = args.init.as_ref().map(|path| weights::File::read(path)).transpose()?;
        let train = preprocessing::for_training(&args.data, 0)?.train;
        let found = |name: &String| {
            let network = networks::find(name)?;
            network.check(&train).map(|()| network)
        };
        let networks = args.networks.iter().map(found).collect::<Result<_, _>>()?;
        Ok(Self { networks, train, init, at: args.epochs_to_look_at() })
    }

    /// Each network with each seed.
    fn tasks<'a>(&'a self, args: &'a Args, bars: &'a [ProgressBar]) -> Result<Vec<Task<'a>>, run::Error> {
        let Args { batches, batch, products, weight_decay, reach, seeds, .. } = *args;
        let lanczos = LanczosConfig { steps: products as usize, weight_decay, reach, seed: 0 };
        let jobs = self.networks.iter().zip(bars).flat_map(|job| (0..seeds).map(move |seed| (job, seed)));
        let task = |((network, bar), seed): ((&&'static Network, _), _)| {
            let options = Options { init: args.init.clone(), ..args.options(network.name, seed) };
            let weights = self.init.as_ref().map(|file| run::read(file, network)).transpose()?;
            Ok(Task { options, at: &self.at, batches, batch, lanczos, weights, network, train: &self.train, bar })
        };
        jobs.map(task).collect()
    }
}
