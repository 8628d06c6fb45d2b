//! Networks side by side under one recipe: what each knows of new samples, and what it costs on a board.

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::Serialize;
use trainlet::networks::NAMES;

use crate::budget::STACK;
use crate::budget::boards::{Core, Effort};
use crate::configs::{self, Config};
use crate::modes::FOLDS;
use crate::options::{DataOptions, DataSource, Options, RateOptions, RegularisationOptions, UpdateOptions};
use crate::run::{self, Where};
use crate::training::Event;
use crate::{board, recipe};

/// Which networks, and how they are trained.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// Networks by name
    #[arg(
        long, value_name = "NAME", num_args = 1.., required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(NAMES)
    )]
    pub configs: Vec<String>,
    /// Runs of each network, with the seeds 0, 1, …; on the watch recordings so many for each of three groups of new people,
    /// unless --test-subjects names one
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Passes over the training data
    #[arg(long, default_value_t = 25, value_name = "COUNT")]
    pub epochs: u32,
    /// Samples per update
    #[arg(long, default_value_t = 32, value_name = "SAMPLES")]
    pub batch: u32,
    /// Count the cycles of a sample on an emulated Cortex-M4F instead of estimating them from multiply-accumulates
    #[arg(long)]
    pub measure: bool,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: accuracy against RAM and against cycles
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
    /// The learning rate.
    #[command(flatten)]
    pub rate: RateOptions,
    /// What an update does with the gradient.
    #[command(flatten)]
    pub update: UpdateOptions,
    /// What keeps the networks from learning by heart.
    #[command(flatten)]
    pub regularisation: RegularisationOptions,
}

/// What a network came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub config: &'static str,
    /// How many numbers it has.
    pub parameters: usize,
    /// Bytes of trainer, sample and stack.
    pub ram: usize,
    /// Cycles of a Cortex-M4F for a sample, forward and backward.
    pub cycles: u64,
    /// Whether they were counted, not estimated.
    pub measured: bool,
    /// Share of the new samples whose class was found, run by run.
    pub accuracies: Vec<f32>,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation, over people and seeds.
    pub deviation: f32,
    /// Mean of the differences to the first network, run by run: the same people, the same seed.
    pub gain: f32,
    /// Standard deviation of these differences.
    pub gain_deviation: f32,
}

/// A run of the comparison.
struct Run<'a> {
    options: Options,
    bar: &'a ProgressBar,
}

/// Trains all of them, side by side on all cores.
///
/// # Errors
/// Options that make no sense, data that are not there or have no labels to test with, a board that cannot be emulated.
pub fn rows(question: &Question) -> Result<Vec<Row>, run::Error> {
    let bars = MultiProgress::new();
    let of_config = |config: &String| (bars.add(bar(config)), options_of(question, config));
    let configs: Vec<(ProgressBar, Vec<Options>)> = question.configs.iter().map(of_config).collect();
    let runs =
        configs.iter().flat_map(|(bar, runs)| runs.iter().map(move |options| Run { options: options.clone(), bar }));
    let runs: Vec<_> = runs.collect();
    let tested: Vec<(f32, usize)> = runs.into_par_iter().map(Run::test).collect::<Result<_, _>>()?;
    let each = question.seeds as usize * folds(question).len();
    let first = &tested[..each];
    let pairs = question.configs.iter().zip(tested.chunks(each));
    pairs.map(|(config, tested)| row(question, config, tested, first)).collect()
}

fn row(question: &Question, config: &str, tested: &[(f32, usize)], first: &[(f32, usize)]) -> Result<Row, run::Error> {
    let Config { name, parameters, inputs, train_macs: macs, .. } = configs::find(config)?;
    let cycles = if question.measure { Some(board::modes::cycles_of_sample(name)?) } else { None };
    let estimate = Core::CortexM4F.cycles(Effort { macs, updates: 0.0, moments: 0 }) as u64;
    let accuracies: Vec<f32> = tested.iter().map(|(accuracy, _)| *accuracy).collect();
    let (mean, deviation) = mean_and_deviation(&accuracies);
    let gains: Vec<f32> = tested.iter().zip(first).map(|((accuracy, _), (first, _))| accuracy - first).collect();
    let (gain, gain_deviation) = mean_and_deviation(&gains);
    let ram = tested.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0) + size_of::<f32>() * inputs + STACK;
    let (measured, cycles) = (cycles.is_some(), cycles.unwrap_or(estimate));
    Ok(Row { config: name, parameters, ram, cycles, measured, accuracies, mean, deviation, gain, gain_deviation })
}

/// Groups of people to test with; a single empty one where the data have their own test.
fn folds(question: &Question) -> Vec<Vec<u32>> {
    if question.data.data == DataSource::Watch && question.data.test_subjects.is_empty() {
        FOLDS.iter().map(|fold| fold.to_vec()).collect()
    } else {
        vec![question.data.test_subjects.clone()]
    }
}

fn options_of(question: &Question, config: &str) -> Vec<Options> {
    let Question { seeds, epochs, batch, data, rate, update, regularisation, .. } = question;
    let run = |test_subjects: &Vec<u32>, seed| Options {
        config: config.into(),
        data: DataOptions { test_subjects: test_subjects.clone(), ..data.clone() },
        epochs: *epochs,
        batch: *batch,
        seed,
        rate: rate.clone(),
        update: update.clone(),
        regularisation: regularisation.clone(),
        ..Options::default()
    };
    folds(question).iter().flat_map(|fold| (0..*seeds).map(move |seed| run(fold, seed))).collect()
}

impl Run<'_> {
    /// Accuracy on the new samples, and bytes of the trainer.
    fn test(self) -> Result<(f32, usize), run::Error> {
        let Self { options, bar } = self;
        let mut counted = false;
        let record = run::train_watched(&options, Where::Here, &mut |event| {
            if let Event::Step(moment) = event {
                if !std::mem::replace(&mut counted, true) {
                    bar.inc_length(moment.steps.into());
                }
                bar.inc(1);
            }
        })?;
        let test = record.test.ok_or(recipe::Error::NothingToTest)?;
        Ok((test.accuracy, record.budget.total))
    }
}

fn bar(config: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:16} {bar:32} {pos} of {len} steps").expect("a constant");
    ProgressBar::new(0).with_style(style).with_prefix(config.to_string())
}

/// Mean and standard deviation of the runs.
pub fn mean_and_deviation(values: &[f32]) -> (f32, f32) {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let squares: f32 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(mean_and_deviation(&[2.0, 4.0, 4.0, 6.0]), (4.0, (8.0_f32 / 3.0).sqrt()));
        assert_eq!(mean_and_deviation(&[0.5]), (0.5, 0.0));
    }
}
