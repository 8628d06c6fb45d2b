//! What pre-training without labels gains: new subjects, few labels, with pre-training and without.

use clap::builder::PossibleValuesParser;
use rayon::prelude::*;
use serde::Serialize;

use crate::data::preprocessing::Prepared;
use crate::data::watch;
use crate::networks;
use crate::run::checkpoint::Keeper;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{MaskingName, Options, PretrainName, PretrainOptions, TargetName};
use crate::run::pretrain;
use crate::run::settings;
use crate::run::{self, Start, Target};
use crate::study::Error;
use crate::study::modes::FOLDS;
use crate::study::shards::{Runs, ShardOptions};

/// Which network, how few labels, and how it learns.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// The network
    #[arg(
        long, value_name = "NAME", default_value = networks::DEFAULT,
        value_parser = PossibleValuesParser::new(["watch-12x1", "watch-16x2"])
    )]
    pub network: String,
    /// Shares of the training windows that keep their labels
    #[arg(long, value_name = "SHARES", value_delimiter = ',', default_values_t = [0.05, 0.1, 0.25])]
    pub labels: Vec<f32>,
    /// Runs for each of five pairs of new people, with the seeds 0, 1, …
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Steps with labels, with pre-training and without
    #[arg(long, default_value_t = 500, value_name = "COUNT")]
    pub steps: u32,
    /// Learning rates to try with labels; each variant uses the one that is best on subjects who are not tested on
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_values_t = [1e-3, 2e-3, 5e-3, 1e-2])]
    pub rates: Vec<f32>,
    /// Passes over the training windows without labels
    #[arg(long, default_value_t = pretrain::EPOCHS, value_name = "COUNT")]
    pub pretrain_epochs: u32,
    /// The full learning rate without labels
    #[arg(long, default_value_t = pretrain::LR, value_name = "RATE")]
    pub pretrain_lr: f32,
    /// What the blocks see of a sample
    #[arg(long, value_enum, default_value_t)]
    pub masking: MaskingName,
    /// What is predicted of a hidden token
    #[arg(long, value_enum, default_value_t)]
    pub pretrain_target: TargetName,
    /// How many tokens of a sample are visible [default: half]
    #[arg(long, value_name = "TOKENS")]
    pub visible: Option<usize>,
    /// Probability that an activation is dropped in training with labels
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    pub dropout: f32,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
}

/// Results for one share of the labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Share of the labels.
    pub labels: f32,
    /// Without pre-training.
    pub without: Side,
    /// With it.
    pub with: Side,
    /// Mean of the differences, run by run: the same people, labels and seed.
    pub gain: f32,
    /// Standard deviation of the differences.
    pub gain_deviation: f32,
    /// Runs that pre-training improved.
    pub better: usize,
}

/// One way to learn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// The learning rate that was chosen for each group of people.
    pub rates: Vec<f32>,
    /// Accuracy on the windows of new people, run by run.
    pub accuracies: Vec<f32>,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation, over people and seeds.
    pub deviation: f32,
}

/// A way: whether there is pre-training, the place of the share of the labels, the learning rate.
#[derive(Clone, Copy, PartialEq, Serialize)]
struct Way {
    pretrained: bool,
    labels: f32,
    rate: f32,
}

/// Ways that go on from one pre-training.
#[derive(Clone, Serialize)]
struct Job {
    /// The options of the pre-training.
    pretraining: Options,
    /// People of whom nothing is seen.
    unseen: Vec<u32>,
    /// People who are tested with.
    test: Vec<u32>,
    /// What is tried.
    ways: Vec<Way>,
}

/// Trains and tests all of them, side by side on all cores; `None` if some runs are for other machines. `watcher` hears of the progress.
///
/// # Errors
/// Options that make no sense, parts that are none.
pub fn rows(args: &Args, runs: &mut Runs, watcher: &(dyn Fn(&str) + Sync)) -> Result<Option<Vec<Row>>, Error> {
    run::check(&options(args, 0, None))?;
    for labels in &args.labels {
        run::check(&options(args, 0, Some(Way { pretrained: false, labels: *labels, rate: args.rates[0] })))?;
    }
    watcher("choosing the learning rates, on subjects who are not tested on");
    let ways: Vec<Way> = args.ways().collect();
    let Some(chosen) = args.accuracies(runs, true, |_| ways.clone())? else { return Ok(None) };
    watcher("testing");
    let best = |fold: usize, pretrained: bool, labels: f32| {
        let of_rate = |rate: f32| {
            let way = ways.iter().position(|way| *way == Way { pretrained, labels, rate });
            let runs = chosen[fold].iter().map(|run| run[way.expect("all ways were tried")]);
            runs.sum::<f32>()
        };
        let better = |a: f32, b: f32| if of_rate(b) > of_rate(a) { b } else { a };
        args.rates.iter().copied().reduce(better).expect("there is a rate")
    };
    let best_ways = |fold: usize| {
        let ways = args.labels.iter().flat_map(|&labels| [false, true].map(|pretrained| (labels, pretrained)));
        ways.map(|(labels, pretrained)| Way { pretrained, labels, rate: best(fold, pretrained, labels) }).collect()
    };
    let Some(tested) = args.accuracies(runs, false, best_ways)? else { return Ok(None) };
    let mut rows = Vec::new();
    for (index, &labels) in args.labels.iter().enumerate() {
        let [without, with] = [false, true].map(|pretrained| {
            let place = 2 * index + usize::from(pretrained);
            let accuracies: Vec<f32> = tested.iter().flatten().map(|run| run[place]).collect();
            let (mean, deviation) = mean_and_deviation(&accuracies);
            let rates = (0..FOLDS.len()).map(|fold| best(fold, pretrained, labels)).collect();
            Side { rates, accuracies, mean, deviation }
        });
        let gains: Vec<f32> = with.accuracies.iter().zip(&without.accuracies).map(|(with, not)| with - not).collect();
        let (gain, gain_deviation) = mean_and_deviation(&gains);
        let better = gains.iter().filter(|gain| **gain > 0.0).count();
        rows.push(Row { labels, without, with, gain, gain_deviation, better });
    }
    Ok(Some(rows))
}

impl Args {
    /// Every rate for every share of the labels, with pre-training and without.
    fn ways(&self) -> impl Iterator<Item = Way> {
        let rates = |pretrained, labels| self.rates.iter().map(move |&rate| Way { pretrained, labels, rate });
        let labels = move |pretrained| self.labels.iter().flat_map(move |&labels| rates(pretrained, labels));
        [false, true].into_iter().flat_map(labels)
    }

    /// Accuracies by fold, seed and way; `None` if some runs are for other machines.
    fn accuracies(
        &self,
        runs: &mut Runs,
        choosing: bool,
        ways: impl Fn(usize) -> Vec<Way>,
    ) -> Result<Option<Vec<Vec<Vec<f32>>>>, Error> {
        let of_fold = |fold: usize| {
            let ways = ways(fold);
            (0..self.seeds).map(move |seed| self.job(fold, seed, choosing, ways.clone()))
        };
        let jobs: Vec<_> = (0..FOLDS.len()).flat_map(of_fold).collect();
        let make = |jobs: &[&Job]| {
            Ok(jobs.par_iter().map(|job| job.accuracies(self)).collect::<Result<Vec<Vec<f32>>, run::Error>>()?)
        };
        let accuracies = runs.outcomes::<_, _, Error>(&jobs, make)?;
        Ok(accuracies.map(|all| all.chunks(self.seeds as usize).map(<[_]>::to_vec).collect()))
    }

    /// To choose, the people of the next fold are tested with, and nobody of this one is seen.
    fn job(&self, fold: usize, seed: u64, choosing: bool, ways: Vec<Way>) -> Job {
        let [new, next] = [FOLDS[fold], FOLDS[(fold + 1) % FOLDS.len()]].map(Vec::from);
        let pretraining = options(self, seed, None);
        let (unseen, test) = if choosing { (new, next) } else { (Vec::new(), new) };
        Job { pretraining, unseen, test, ways }
    }
}

impl Job {
    /// The accuracy of each way.
    fn accuracies(&self, args: &Args) -> Result<Vec<f32>, run::Error> {
        let seen = watch::people(&[&self.unseen[..], &self.test].concat())?.others();
        let data = Prepared::of_watch(watch::between(seen, watch::people(&self.test)?)?);
        let pretrained = pretrain::run(&self.pretraining, &data.train, None, &Keeper::none(), &mut |_| ())?
            .expect("it was asked for");
        let accuracy = |way: &Way| {
            let options = options(args, self.pretraining.seed, Some(*way));
            let start = Start { pretrained: way.pretrained.then(|| pretrained.clone()), ..Start::default() };
            let finished = run::train_on(&options, data.clone(), start, Target::Desktop, &Keeper::none(), &mut |_| ())?;
            Ok(finished.record.test.ok_or(settings::Error::NothingToTest)?.score())
        };
        self.ways.par_iter().map(accuracy).collect()
    }
}

/// What `train` calls a run of the study: the pre-training, or a way to go on.
fn options(args: &Args, seed: u64, way: Option<Way>) -> Options {
    let mut options = Options { network: args.network.clone(), seed, steps: Some(args.steps), ..Options::default() };
    options.regularisation.dropout = args.dropout;
    match way {
        Some(Way { labels, rate, .. }) => {
            options.rate.lr = rate;
            options.pretraining.labels = Some(labels);
        }
        None => {
            options.pretraining = PretrainOptions {
                pretrain: Some(PretrainName::Masked),
                pretrain_epochs: Some(args.pretrain_epochs),
                pretrain_lr: Some(args.pretrain_lr),
                masking: Some(args.masking),
                pretrain_target: Some(args.pretrain_target),
                visible: args.visible,
                ..PretrainOptions::default()
            };
        }
    }
    options
}
