//! Cross-validation: a run for each fold, which is what it is tested on.

use serde::Serialize;

use super::{Error, Start, Target, check, epochs::Finished, pretrain, train_on};
use crate::data::samples::{Division, Samples};
use crate::run::checkpoint::Keeper;
use crate::run::epochs::{Event, Watcher};
use crate::run::metrics::mean_and_deviation;
use crate::run::options::Options;
use crate::run::output;
use crate::run::record::Record;

/// All runs, as `--json` writes them.
#[derive(Clone, Debug, Serialize)]
pub struct Folds {
    /// Mean of the accuracies, or of R² of values, on the folds.
    pub mean: f32,
    /// Their standard deviation, of a sample.
    pub deviation: f32,
    /// One per fold, in their order.
    pub folds: Vec<Record>,
}

/// Trains as the options say, once for each fold.
///
/// # Errors
/// Those of a run, and data that cannot be divided.
pub fn train(options: &Options, count: u32, watcher: Watcher) -> Result<Folds, Error> {
    let network = check(options)?;
    let samples = Samples::read(&options.data)?;
    let mut folds = Vec::new();
    for test in samples.divided().folds(count as usize, options.seed)? {
        let rest: Vec<_> = (0..samples.len()).filter(|sample| test.binary_search(sample).is_err()).collect();
        let share = |share| samples.divided().share(&rest, share, options.seed);
        let validation = options.data.validation.map(share).unwrap_or_default();
        let prepared = samples.clone().prepare(&Division { validation, test, ..Division::default() })?;
        network.check(&prepared.train)?;
        if folds.is_empty() {
            prepared.summary.iter().for_each(|summary| watcher(Event::Read(summary)));
        }
        let pretrained = pretrain::run(options, &prepared.train, None, &Keeper::none(), &mut *watcher)?;
        let start = Start { pretrained, ..Start::default() };
        let Finished { record, .. } =
            train_on(options, prepared, start, Target::Desktop, &Keeper::none(), &mut *watcher)?;
        folds.push(record);
    }
    let (mean, deviation) =
        mean_and_deviation(&folds.iter().filter_map(|fold| Some(fold.test.as_ref()?.score())).collect::<Vec<_>>());
    let folds = Folds { mean, deviation, folds };
    if let Some(path) = &options.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&folds)?)?;
    }
    Ok(folds)
}
