//! Several networks, trained with the same settings: their accuracy on new samples, and their cost on a board.

use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::board;
use crate::networks::budget::STACK;
use crate::networks::budget::boards::{Core, Effort};
use crate::networks::{self, Network};
use crate::run;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{DataOptions, Options, RateOptions, RegularisationOptions, UpdateOptions};
use crate::study::Error;
use crate::study::shards::{Runs, ShardOptions};
use crate::study::sweep::{Group, Outcome, gain, repeated, repeated_to_choose, sweep};

/// Which networks, and how they are trained.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Networks by name
    #[arg(
        long = "network", value_name = "NAME", num_args = 1.., required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(networks::names())
    )]
    pub networks: Vec<String>,
    /// Runs of each network, with the seeds 0, 1, …; on the watch recordings this many for each of five pairs of new subjects,
    /// unless --test-subjects names one
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Passes over the training data
    #[arg(long, default_value_t = 25, value_name = "COUNT")]
    pub epochs: u32,
    /// Samples per update
    #[arg(long, default_value_t = 32, value_name = "SAMPLES")]
    pub batch: u32,
    /// To choose settings by: on the watch recordings, leave the subjects of each pair out, and test with those of the next one
    #[arg(long)]
    pub choose: bool,
    /// Also test each window of a recording together with those before it, this many of them
    #[arg(long, value_name = "WINDOWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub vote: Option<u32>,
    /// Count the cycles of a sample on an emulated Cortex-M4F instead of estimating them
    #[arg(long)]
    pub measure: bool,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: accuracy against RAM and against cycles
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
    /// The learning rate.
    #[command(flatten)]
    pub rate: RateOptions,
    /// What an update does with the gradient.
    #[command(flatten)]
    pub update: UpdateOptions,
    /// What keeps the networks from overfitting.
    #[command(flatten)]
    pub regularisation: RegularisationOptions,
}

/// Result of a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub network: &'static str,
    /// Number of its weights.
    pub parameters: usize,
    /// Bytes of trainer, sample and stack.
    pub ram: usize,
    /// Cycles of a Cortex-M4F for a sample, forward and backward.
    pub cycles: u64,
    /// Whether they were counted, not estimated.
    pub measured: bool,
    /// Accuracy on new samples, run by run.
    pub accuracies: Vec<f32>,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation, over people and seeds.
    pub deviation: f32,
    /// Mean accuracy of windows that decide together, if that was asked for.
    pub voted: Option<f32>,
    /// Mean of the areas under the ROC curve, for two classes.
    pub auc: Option<f32>,
    /// Mean of the differences from the first network, run by run: the same people, the same seed.
    pub gain: f32,
    /// Standard deviation of these differences.
    pub gain_deviation: f32,
}

/// Trains all of them, side by side on all cores; `None` if some runs are for other machines.
///
/// # Errors
/// Options that make no sense, data that are not there or have no labels to test with, a board that cannot be emulated, parts that
/// are none.
pub fn rows(args: &Args, runs: &mut Runs) -> Result<Option<Vec<Row>>, Error> {
    let repeat = if args.choose { repeated_to_choose } else { repeated };
    let group = |name: &String| Group { name: name.clone(), runs: repeat(&options(args, name), args.seeds) };
    let groups: Vec<_> = args.networks.iter().map(group).collect();
    let Some(outcomes) = sweep(&groups, runs)? else { return Ok(None) };
    let first = &outcomes[0];
    let rows = args.networks.iter().zip(&outcomes).map(|(name, of)| row(args.measure, name, of, first));
    Ok(Some(rows.collect::<Result<_, _>>()?))
}

fn row(measure: bool, name: &str, of: &[Outcome], first: &[Outcome]) -> Result<Row, run::Error> {
    let found = networks::find(name)?;
    let &Network { name: network, parameters, inputs, train_macs: macs, .. } = found;
    let counted = measure.then(|| board::trials::cycles_of_sample(found)).transpose()?;
    let estimate = Core::CortexM4F.cycles(found, Effort { macs, updates: 0.0, moments: 0 }) as u64;
    let (measured, cycles) = (counted.is_some(), counted.unwrap_or(estimate));
    let accuracies: Vec<f32> = of.iter().map(|outcome| outcome.accuracy).collect();
    let ((mean, deviation), (gain, gain_deviation)) = (mean_and_deviation(&accuracies), gain(of, first));
    let areas: Option<Vec<f32>> = of.iter().map(|outcome| outcome.auc).collect();
    let voted: Option<Vec<f32>> = of.iter().map(|outcome| outcome.voted).collect();
    let voted = voted.map(|voted| mean_and_deviation(&voted).0);
    let auc = areas.map(|areas| mean_and_deviation(&areas).0);
    let ram = of.iter().map(|outcome| outcome.bytes).max().unwrap_or(0) + size_of::<f32>() * inputs + STACK;
    Ok(Row {
        network,
        parameters,
        ram,
        cycles,
        measured,
        accuracies,
        mean,
        deviation,
        voted,
        auc,
        gain,
        gain_deviation,
    })
}

fn options(args: &Args, network: &str) -> Options {
    let Args { epochs, batch, vote, data, rate, update, regularisation, .. } = args.clone();
    Options { network: network.into(), data, epochs, batch, vote, rate, update, regularisation, ..Options::default() }
}
