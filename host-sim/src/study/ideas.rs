//! Regularised updates and pre-training: their cost on a board, and the accuracy that they reach.

use rayon::prelude::*;
use serde::Serialize;
use trainlet_trials::Kind;

use crate::board::emulator::Machine;
use crate::board::trials::{self, Conditions, Outcome};
use crate::networks;
use crate::run;
use crate::run::options::ideas::{IdeaOptions, LawName, SamName, ShapeName};
use crate::run::options::{DataOptions, MaskingName, Options, PretrainName, PretrainOptions};
use crate::study::modes::{Different, FOLDS, SEEDS};

/// The settings of the study.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Steps of two samples each, after which the weights are compared
    #[arg(long, default_value_t = 100, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(4..))]
    pub steps: u32,
    /// Train with each on the watch recordings too, three times for each of three groups of new people
    #[arg(long)]
    pub accuracy: bool,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
}

/// Result of an idea.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What the board reported.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Accuracy on new subjects.
    pub accuracy: Option<Accuracy>,
}

/// Accuracy on the windows of new people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Accuracy {
    /// Mean over [`FOLDS`] and [`SEEDS`].
    pub mean: f64,
    /// Deviation from seed to seed of the mean over the folds.
    pub deviation: f64,
}

/// Tries all ideas on an emulated Cortex-M4F, and here.
///
/// # Errors
/// A board that cannot be emulated, or data that are not there.
pub fn rows(args: &Args, watcher: &mut dyn FnMut(&str)) -> Result<Vec<Row>, run::Error> {
    let conditions = Conditions { machine: Machine::Stm32f405, steps: args.steps, counted: true };
    let ideas: Vec<_> = trials::names(Kind::Idea).chain(trials::names(Kind::Pretraining)).collect();
    let outcomes = trials::run(conditions, networks::find(networks::DEFAULT)?, &ideas, watcher)?;
    let row = |outcome: Outcome| {
        let options = if args.accuracy { options(outcome.trial) } else { None };
        let accuracy = options.map(|options| accuracy(&options)).transpose()?;
        Ok(Row { outcome, accuracy })
    };
    outcomes.into_iter().map(row).collect()
}

/// Checks that board and desktop have the same weights.
///
/// # Errors
/// The ideas for which they differ.
pub fn check(rows: &[Row]) -> Result<(), Different> {
    let different: Vec<_> = rows.iter().filter(|row| !row.outcome.is_equal()).map(|row| row.outcome.trial).collect();
    if different.is_empty() { Ok(()) } else { Err(Different(different.join(", "))) }
}

/// Accuracy of the default network with them.
///
/// # Errors
/// Bad data.
pub fn accuracy(options: &Options) -> Result<Accuracy, run::Error> {
    let runs: Vec<_> = SEEDS.into_iter().flat_map(|seed| FOLDS.map(|fold| (seed, fold))).collect();
    let accuracies = runs.into_par_iter().map(|(seed, fold)| {
        let data = DataOptions { test_subjects: fold.to_vec(), ..DataOptions::default() };
        let record = run::train(&Options { data, seed, ..options.clone() })?;
        Ok(record.test.map_or(0.0, |test| f64::from(test.score())))
    });
    let accuracies: Vec<f64> = accuracies.collect::<Result<_, run::Error>>()?;
    let means: Vec<_> = accuracies.chunks(FOLDS.len()).map(mean).collect();
    let average = mean(&means);
    let squares: f64 = means.iter().map(|mean| (mean - average).powi(2)).sum();
    Ok(Accuracy { mean: average, deviation: (squares / (means.len() - 1) as f64).sqrt() })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What `train` calls an idea, if it is a matter of options.
pub fn options(idea: &str) -> Option<Options> {
    let masked = |masking| PretrainOptions {
        pretrain: Some(PretrainName::Masked),
        masking: Some(masking),
        ..PretrainOptions::default()
    };
    match idea {
        "masked-replace" => Some(Options { pretraining: masked(MaskingName::Replace), ..Options::default() }),
        "masked-subset" => Some(Options { pretraining: masked(MaskingName::Subset), ..Options::default() }),
        _ => Some(Options { ideas: update(idea)?, ..Options::default() }),
    }
}

/// The same for those that are a matter of the update.
fn update(idea: &str) -> Option<IdeaOptions> {
    let none = IdeaOptions::default();
    let sam = |variant| IdeaOptions { sam: Some(variant), ..IdeaOptions::default() };
    let noise = IdeaOptions { noise: Some(0.5), ..IdeaOptions::default() };
    Some(match idea {
        "adam" => none,
        "sam" => sam(SamName::Sam),
        "asam" => sam(SamName::Asam),
        "sam-top-k" => sam(SamName::TopK),
        "sam-dynamic" => sam(SamName::Dynamic),
        "sam-fisher" => sam(SamName::Fisher),
        "sam-single-step" => sam(SamName::SingleStep),
        "noise" => noise,
        "noise-karras" => {
            IdeaOptions { noise_shape: Some(ShapeName::Karras), noise_law: Some(LawName::Gaussian), ..noise }
        }
        "noise-gated" => IdeaOptions { noise_gate: Some(0.5), ..noise },
        "ema" => IdeaOptions { ema: Some(0.1), ..none },
        "sam-noise-ema" => IdeaOptions { ema: Some(0.1), noise: Some(0.5), ..sam(SamName::Sam) },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_idea_of_the_board_that_is_one_of_options_trains_and_takes_what_it_says() {
        let mut crcs = Vec::new();
        for (idea, ideas) in trials::names(Kind::Idea).filter_map(|idea| Some((idea, update(idea)?))) {
            let record = run::train(&Options { steps: Some(60), ideas, ..Options::default() }).unwrap();
            assert_eq!((record.steps.len(), record.skipped), (60, 0), "{idea}");
            assert!(record.budget.settings < 200, "{idea}: {:?}", record.budget);
            assert_eq!(record.budget.copies > 0, idea.contains("sam") || idea.contains("ema"), "{idea}");
            // A gate may stay shut.
            assert!(idea == "noise-gated" || !crcs.contains(&record.weights_crc32), "{idea}");
            crcs.push(record.weights_crc32);
        }
        // Without noise and without a way, what is left of both is the plain run.
        let ideas = IdeaOptions { sam: Some(SamName::Sam), rho: Some(0.0), noise: Some(0.0), ..IdeaOptions::default() };
        let record = run::train(&Options { steps: Some(60), ideas, ..Options::default() }).unwrap();
        assert_eq!(record.weights_crc32, crcs[0]);
    }
}
