//! Many runs, side by side on all cores.

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::run::epochs::Event;
use crate::run::metrics::Figures;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{DataSource, Options};
use crate::run::quiet;
use crate::run::record::EpochRecord;
use crate::run::settings;
use crate::run::{self, Target};
use crate::study::Error;
use crate::study::modes::FOLDS;
use crate::study::shards::Runs;
use crate::study::shards::nullable::numbers;

/// Runs that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The options of each.
    pub runs: Vec<Options>,
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Accuracy on new samples.
    #[serde(deserialize_with = "numbers")]
    pub accuracy: f32,
    /// The same of windows that decide together, if that was asked for.
    pub voted: Option<f32>,
    /// Area under the ROC curve on new samples, for two classes.
    pub auc: Option<f32>,
    /// Bytes of the trainer.
    pub bytes: usize,
    /// Weights of the network.
    pub parameters: usize,
    /// How it went, epoch by epoch.
    pub epochs: Vec<Epoch>,
}

/// An epoch of a run, or the mean of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Mean loss over the samples, each as it was when its turn came.
    #[serde(deserialize_with = "numbers")]
    pub train_loss: f32,
    /// Loss on new samples, at its end.
    #[serde(deserialize_with = "numbers")]
    pub test_loss: f32,
}

/// Epoch by epoch, the mean of runs of the same length.
pub fn mean_epochs(of: &[Outcome]) -> Vec<Epoch> {
    let count = of.iter().map(|outcome| outcome.epochs.len()).min().unwrap_or(0);
    let mean = |value: &dyn Fn(&Outcome) -> f32| of.iter().map(value).sum::<f32>() / of.len() as f32;
    let epoch = |number: usize| Epoch {
        train_loss: mean(&|outcome| outcome.epochs[number].train_loss),
        test_loss: mean(&|outcome| outcome.epochs[number].test_loss),
    };
    (0..count).map(epoch).collect()
}

/// The same run with other seeds, 0, 1, and so on, and, on the watch recordings, for each of five pairs of new people
/// unless the options name people.
pub fn repeated(options: &Options, seeds: u64) -> Vec<Options> {
    repeated_on(options, seeds, &FOLDS.map(|fold| (Vec::from(fold), options.data.without_subjects.clone())))
}

/// The same, to choose settings by: the people of each fold are left out altogether, and those of the next one are tested with.
pub fn repeated_to_choose(options: &Options, seeds: u64) -> Vec<Options> {
    let next = |fold: usize| FOLDS[(fold + 1) % FOLDS.len()];
    let folds: Vec<_> = (0..FOLDS.len()).map(|fold| (next(fold).into(), FOLDS[fold].into())).collect();
    repeated_on(options, seeds, &folds)
}

/// With these people for the test, and without those.
fn repeated_on(options: &Options, seeds: u64, folds: &[(Vec<u32>, Vec<u32>)]) -> Vec<Options> {
    let named = [(options.data.test_subjects.clone(), options.data.without_subjects.clone())];
    let is_named = options.data.data != DataSource::Watch || !options.data.test_subjects.is_empty();
    let run = |(test, without): &(Vec<u32>, Vec<u32>), seed| {
        let mut run = Options { seed, ..options.clone() };
        run.data.test_subjects.clone_from(test);
        run.data.without_subjects.clone_from(without);
        run
    };
    let folds = if is_named { &named[..] } else { folds };
    folds.iter().flat_map(|fold| (0..seeds).map(move |seed| run(fold, seed))).collect()
}

/// Runs all runs of all groups but those that are known or for other machines, with a progress bar for each group, and gives what came
/// out in their order; `None` if some are for other machines.
///
/// # Errors
/// Options that make no sense, data that are not there or have no labels to test with, parts that are none.
pub fn sweep(groups: &[Group], runs: &mut Runs) -> Result<Option<Vec<Vec<Outcome>>>, Error> {
    let bars = quiet::bars();
    let bars: Vec<_> = groups.iter().map(|group| bars.add(bar(&group.name))).collect();
    let jobs: Vec<_> = groups
        .iter()
        .zip(&bars)
        .flat_map(|(group, bar)| group.runs.iter().map(move |options| Job { options, bar }))
        .collect();
    let make = |jobs: &[&Job]| Ok(jobs.par_iter().map(|job| outcome(job)).collect::<Result<_, run::Error>>()?);
    let Some(outcomes) = runs.outcomes::<_, _, Error>(&jobs, make)? else { return Ok(None) };
    let mut outcomes = outcomes.into_iter();
    Ok(Some(groups.iter().map(|group| outcomes.by_ref().take(group.runs.len()).collect()).collect()))
}

/// A run that is to be made; its options fix what comes out.
#[derive(Serialize)]
#[serde(transparent)]
struct Job<'a> {
    options: &'a Options,
    #[serde(skip)]
    bar: &'a ProgressBar,
}

fn outcome(Job { options, bar }: &Job) -> Result<Outcome, run::Error> {
    let mut counted = false;
    let record = run::train_watched(options, Target::Desktop, &mut |event| {
        if let Event::Step(moment) = event {
            if !std::mem::replace(&mut counted, true) {
                bar.inc_length(moment.steps.into());
            }
            bar.inc(1);
        }
    })?;
    let epoch = |epoch: &EpochRecord| Some(Epoch { train_loss: epoch.train_loss as f32, test_loss: epoch.test_loss? });
    let epochs = record.epochs.iter().filter_map(epoch).collect();
    let test = record.test.ok_or(settings::Error::NothingToTest)?;
    let auc = match &test.figures {
        Figures::Classes(classes) => classes.auc,
        Figures::Values(_) => None,
    };
    Ok(Outcome {
        accuracy: test.score(),
        voted: test.voted,
        auc,
        bytes: record.budget.total,
        parameters: record.parameters,
        epochs,
    })
}

pub(super) fn bar(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:24} {bar:32} {pos} of {len} steps").expect("a constant");
    ProgressBar::new(0).with_style(style).with_prefix(name.to_string())
}

/// [`mean_and_deviation`] of the differences, run by run.
pub fn gain(of: &[Outcome], over: &[Outcome]) -> (f32, f32) {
    let gains: Vec<f32> = of.iter().zip(over).map(|(of, over)| of.accuracy - over.accuracy).collect();
    mean_and_deviation(&gains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_who_are_named_are_kept() {
        let mut options = Options::default();
        assert_eq!(repeated(&options, 2).len(), 10);
        for run in repeated_to_choose(&options, 1) {
            let [test, without] = [&run.data.test_subjects, &run.data.without_subjects];
            assert!(test.iter().all(|subject| !without.contains(subject)) && without.len() == 2);
        }
        options.data.test_subjects = vec![3];
        assert!(repeated(&options, 2).iter().all(|run| run.data.test_subjects == [3]));
    }
}
