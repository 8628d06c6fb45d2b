//! Regularised updates and pre-training: their cost on a board, and the accuracy that they reach.

use serde::Serialize;
use trainlet_trials::Kind;

use crate::board::emulator::Machine;
use crate::board::trials::{self, Conditions, Outcome};
use crate::networks;
use crate::run;
use crate::run::options::ideas::{IdeaOptions, LawName, SamName, ShapeName};
use crate::run::options::{MaskingName, Options, PretrainName, PretrainOptions, TargetName};
use crate::study::Error;
use crate::study::boards::emulated;
use crate::study::modes::{Different, SEEDS};
use crate::study::shards::{Runs, ShardOptions};
use crate::study::sweep::{self, Group, repeated, sweep};

/// The settings of the study.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Steps of two samples each, after which the weights are compared
    #[arg(long, default_value_t = 100, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(4..))]
    pub steps: u32,
    /// Train with each on the watch recordings too, three times for each of five pairs of new people
    #[arg(long)]
    pub accuracy: bool,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
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
    /// Mean over [`FOLDS`](crate::study::modes::FOLDS) and [`SEEDS`].
    pub mean: f64,
    /// Deviation from seed to seed of the mean over the folds.
    pub deviation: f64,
}

/// Tries all ideas on an emulated Cortex-M4F, and here; `None` if some runs are for other machines.
///
/// # Errors
/// A board that cannot be emulated, data that are not there, parts that are none.
pub fn rows(args: &Args, runs: &mut Runs, watcher: &mut dyn FnMut(&str)) -> Result<Option<Vec<Row>>, Error> {
    let conditions = Conditions { machine: Machine::Stm32f405, steps: args.steps, counted: true };
    let ideas: Vec<_> = trials::names(Kind::Idea).chain(trials::names(Kind::Pretraining)).collect();
    let network = networks::find(networks::DEFAULT).map_err(run::Error::from)?;
    let outcomes = emulated(conditions, network, &ideas, runs, watcher)?;
    let groups: Vec<_> = ideas.iter().filter(|_| args.accuracy).filter_map(|idea| group(idea)).collect();
    let trained = sweep(&groups, runs)?;
    let (Some(outcomes), Some(trained)) = (outcomes, trained) else { return Ok(None) };
    let row = |outcome: Outcome| {
        let number = groups.iter().position(|group| group.name == outcome.trial);
        Row { accuracy: number.map(|number| Accuracy::of(&trained[number])), outcome }
    };
    Ok(Some(outcomes.into_iter().map(row).collect()))
}

/// Checks that board and desktop have the same weights.
///
/// # Errors
/// The ideas for which they differ.
pub fn check(rows: &[Row]) -> Result<(), Different> {
    let different: Vec<_> = rows.iter().filter(|row| !row.outcome.is_equal()).map(|row| row.outcome.trial).collect();
    if different.is_empty() { Ok(()) } else { Err(Different(different.join(", "))) }
}

/// The runs of an idea, if it is a matter of options.
fn group(idea: &str) -> Option<Group> {
    Some(Group { name: idea.into(), runs: repeated(&options(idea)?, SEEDS.len() as u64) })
}

impl Accuracy {
    /// Of runs in the order of [`repeated`].
    fn of(runs: &[sweep::Outcome]) -> Self {
        let of_seed = |seed| runs.iter().skip(seed).step_by(SEEDS.len()).map(|run| f64::from(run.accuracy));
        let means: Vec<_> = (0..SEEDS.len()).map(|seed| mean(&of_seed(seed).collect::<Vec<_>>())).collect();
        let average = mean(&means);
        let squares: f64 = means.iter().map(|mean| (mean - average).powi(2)).sum();
        Self { mean: average, deviation: (squares / (means.len() - 1) as f64).sqrt() }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What `train` calls an idea, if it is a matter of options.
pub fn options(idea: &str) -> Option<Options> {
    let masked = |masking, target| {
        let (pretrain, pretrain_target) = (Some(PretrainName::Masked), Some(target));
        let pretraining =
            PretrainOptions { pretrain, masking: Some(masking), pretrain_target, ..PretrainOptions::default() };
        Options { pretraining, ..Options::default() }
    };
    match idea {
        "masked-replace" => Some(masked(MaskingName::Replace, TargetName::Inputs)),
        "masked-subset" => Some(masked(MaskingName::Subset, TargetName::Inputs)),
        "masked-latents" => Some(masked(MaskingName::Replace, TargetName::Latents)),
        "proximal" => {
            let mut options = Options::default();
            options.update.proximal = Some(0.1);
            Some(options)
        }
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

    /// Fold by fold, and in each seed by seed.
    #[test]
    fn the_deviation_is_that_of_the_seeds() {
        let run =
            |accuracy| sweep::Outcome { accuracy, voted: None, auc: None, bytes: 0, parameters: 0, epochs: Vec::new() };
        let runs = [0.5, 0.25, 0.75, 0.5, 0.25, 0.75, 0.75, 0.5, 1.0].map(run);
        let Accuracy { mean, deviation } = Accuracy::of(&runs);
        assert!((mean - 7.0 / 12.0).abs() < 1e-9 && (deviation - 0.25).abs() < 1e-9, "{mean} {deviation}");
    }

    #[test]
    fn what_is_a_matter_of_options_can_be_trained() {
        let ideas = trials::names(Kind::Idea).chain(trials::names(Kind::Pretraining));
        let without: Vec<_> =
            ideas.filter(|idea| options(idea).is_none_or(|options| run::check(&options).is_err())).collect();
        assert_eq!(without, ["dog", "monitor", "lanczos"]);
    }

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
