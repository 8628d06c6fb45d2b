//! What pre-training without labels gains: new subjects, few labels, with pre-training and without.

use clap::builder::PossibleValuesParser;
use rayon::prelude::*;
use serde::Serialize;

use crate::data::preprocessing::Prepared;
use crate::data::watch;
use crate::networks;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{MaskingName, Options, PretrainName, PretrainOptions};
use crate::run::pretrain::{self, Pretrained};
use crate::run::settings;
use crate::run::{self, Error, Start, Target};
use crate::study::modes::FOLDS;

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
    /// Runs for each of three groups of new people, with the seeds 0, 1, …
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
    /// How many tokens of a sample are visible [default: half]
    #[arg(long, value_name = "TOKENS")]
    pub visible: Option<usize>,
    /// Probability that an activation is dropped in training with labels
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    pub dropout: f32,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
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
#[derive(Clone, Copy)]
struct Way {
    pretrained: bool,
    labels: f32,
    rate: f32,
}

/// People to train on and to test on, a seed, and the result of pre-training.
struct Setting {
    data: Prepared,
    seed: u64,
    pretrained: Pretrained,
}

/// Trains and tests all of them, side by side on all cores; `watcher` hears of the progress.
///
/// # Errors
/// Options that make no sense.
pub fn rows(args: &Args, watcher: &(dyn Fn(&str) + Sync)) -> Result<Vec<Row>, Error> {
    run::check(&options(args, 0, None))?;
    for labels in &args.labels {
        run::check(&options(args, 0, Some(Way { pretrained: false, labels: *labels, rate: args.rates[0] })))?;
    }
    watcher("choosing the learning rates, on subjects who are not tested on");
    let ways: Vec<Way> = args.ways().collect();
    let chosen = args.try_all(&ways, true)?;
    watcher("testing");
    let best = |fold: usize, pretrained: bool, labels: f32| {
        let of_rate = |rate: f32| {
            let way = ways.iter().position(|way| (way.pretrained, way.labels, way.rate) == (pretrained, labels, rate));
            let runs = chosen[fold].iter().map(|run| run[way.expect("all ways were tried")]);
            runs.sum::<f32>()
        };
        let better = |a: f32, b: f32| if of_rate(b) > of_rate(a) { b } else { a };
        args.rates.iter().copied().reduce(better).expect("there is a rate")
    };
    let mut rows = Vec::new();
    let tested: Vec<Vec<Vec<f32>>> = (0..FOLDS.len())
        .into_par_iter()
        .map(|fold| {
            let ways: Vec<Way> = args
                .labels
                .iter()
                .flat_map(|&labels| [false, true].map(|pretrained| (labels, pretrained)))
                .map(|(labels, pretrained)| Way { pretrained, labels, rate: best(fold, pretrained, labels) })
                .collect();
            args.try_fold(fold, &ways, false)
        })
        .collect::<Result<_, Error>>()?;
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
    Ok(rows)
}

impl Args {
    /// Every rate for every share of the labels, with pre-training and without.
    fn ways(&self) -> impl Iterator<Item = Way> {
        let rates = |pretrained, labels| self.rates.iter().map(move |&rate| Way { pretrained, labels, rate });
        let labels = move |pretrained| self.labels.iter().flat_map(move |&labels| rates(pretrained, labels));
        [false, true].into_iter().flat_map(labels)
    }

    /// Accuracies by fold, seed and way.
    fn try_all(&self, ways: &[Way], choosing: bool) -> Result<Vec<Vec<Vec<f32>>>, Error> {
        (0..FOLDS.len()).into_par_iter().map(|fold| self.try_fold(fold, ways, choosing)).collect()
    }

    /// Accuracies by seed and way. To choose, the people of the next fold are tested with, and nobody of this one is seen.
    fn try_fold(&self, fold: usize, ways: &[Way], choosing: bool) -> Result<Vec<Vec<f32>>, Error> {
        let [new, next] = [FOLDS[fold], FOLDS[(fold + 1) % FOLDS.len()]];
        let split = if choosing {
            watch::between(watch::people(&[new, next].concat())?.others(), watch::people(&next)?)
        } else {
            watch::split(&new)
        };
        let data = Prepared::of_watch(split?);
        (0..self.seeds)
            .into_par_iter()
            .map(|seed| {
                let options = options(self, seed, None);
                let pretrained = pretrain::run(&options, &data.train, &mut |_| ())?.expect("it was asked for");
                let setting = Setting { data: data.clone(), seed, pretrained };
                ways.par_iter().map(|way| setting.accuracy(self, *way)).collect()
            })
            .collect()
    }
}

impl Setting {
    fn accuracy(&self, args: &Args, way: Way) -> Result<f32, Error> {
        let options = options(args, self.seed, Some(way));
        let start = Start { pretrained: way.pretrained.then(|| self.pretrained.clone()), init: None };
        let finished = run::train_on(&options, self.data.clone(), start, Target::Desktop, &mut |_| ())?;
        Ok(finished.record.test.ok_or(settings::Error::NothingToTest)?.score())
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
                visible: args.visible,
                ..PretrainOptions::default()
            };
        }
    }
    options
}
