//! How raw data become inputs: fitted in training, kept with the weights, used again on other data.

use std::path::Path;

use serde::{Deserialize, Serialize};
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::{Scaler, Shuffle};

use crate::samples::{Division, Samples};
use crate::source::{DataOptions, DataSource, Half, Scaling};
use crate::table::Separator;
use crate::{Dataset, Feature, OneScale, Summary, Table, Transform, watch};

/// What training learned about its data, beside the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// Windows of the watch recordings.
    Watch {
        /// Mean of each axis, in g and rad/s.
        mean: [f32; watch::AXES],
        /// Standard deviation of each axis.
        std: [f32; watch::AXES],
    },
    /// Rows of a table.
    Table(Transform),
}

/// The data of a training run.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// To learn from.
    pub train: Dataset,
    /// Not learned from, but looked at while learning.
    pub validation: Option<Dataset>,
    /// Never learned from; a table may come without.
    pub test: Option<Dataset>,
    /// Learned from `train`.
    pub preparation: Preparation,
    /// What is still to be done to each sample, if that is left to a board.
    pub left_to_do: Option<Standardisation>,
    /// What the columns of a table were taken for.
    pub summary: Option<Summary>,
}

impl Prepared {
    /// The watch recordings.
    pub fn of_watch(split: watch::Split) -> Self {
        let watch::Split { train, test, scaler: Scaler { mean, std } } = split;
        let preparation = Preparation::Watch { mean, std };
        Self { train, validation: None, test: Some(test), preparation, left_to_do: None, summary: None }
    }
}

/// (x - mean) / deviation, or 0 where that is a division by 0; one of each per input of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardisation {
    /// Mean of each input.
    pub mean: Vec<f32>,
    /// Standard deviation of each input.
    pub deviation: Vec<f32>,
}

/// Data that do not go with the weights.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Data(#[from] crate::Error),
    #[error("the weights were trained on the watch recordings, not on a table: use --data watch")]
    NotATable,
    #[error("the weights were trained on a table, not on the watch recordings: use --data FILE.csv")]
    NotTheWatch,
}

/// People to test with unless the user chooses others.
pub const TEST_SUBJECTS: [u32; 2] = [9, 10];

/// Reads training and test data and learns from the first how to prepare both. The seed chooses what is kept aside for validation.
///
/// # Errors
/// Bad data.
pub fn for_training(options: &DataOptions, seed: u64) -> Result<Prepared, crate::Error> {
    let prepared = prepare(options, seed)?;
    Ok(match options.scaling {
        Scaling::Column | Scaling::Quantile => prepared,
        Scaling::Table => {
            let scale = OneScale::fit(&prepared.train);
            let (train, test) = (scale.apply(prepared.train), prepared.test.map(|test| scale.apply(test)));
            Prepared { train, test, ..prepared }
        }
    })
}

/// As [`for_training`], but prepared as another training has learnt to: devices that share a network must see their samples alike.
///
/// # Errors
/// Bad data, or a table: of those the watch recordings alone can be prepared so.
pub fn for_training_as(options: &DataOptions, preparation: &Preparation) -> Result<Prepared, Error> {
    match (preparation, &options.data) {
        (Preparation::Watch { mean, std }, DataSource::Watch) => {
            Ok(Prepared::of_watch(choice(options).split(Some(Scaler { mean: *mean, std: *std }))?))
        }
        (Preparation::Watch { .. }, DataSource::File(_)) => Err(Error::NotATable),
        (Preparation::Table(_), _) => Err(Error::NotTheWatch),
    }
}

/// Who is learnt from and who is tested, of the watch.
fn choice(options: &DataOptions) -> watch::Choice<'_> {
    let DataOptions { test_subjects, without_subjects, only_subjects, part, .. } = options;
    watch::Choice { test: subjects(test_subjects), without: without_subjects, only: only_subjects, half: *part }
}

/// With a scale per column, or with none where a single one is to follow.
fn prepare(options: &DataOptions, seed: u64) -> Result<Prepared, crate::Error> {
    match &options.data {
        DataSource::Watch if options.scaling == Scaling::Table => unscaled(options),
        DataSource::Watch if options.validation.is_some() => {
            let samples = Samples::read(options)?;
            let division = division(options, &samples, seed)?;
            samples.prepare(&division)
        }
        DataSource::Watch => Ok(Prepared::of_watch(choice(options).split(None)?)),
        DataSource::File(_) => {
            let samples = Samples::read(options)?;
            let division = division(options, &samples, seed)?;
            let mut prepared = samples.prepare(&division)?;
            if let (Some(path), Preparation::Table(transform)) = (&options.test, &prepared.preparation) {
                prepared.test = Some(transform.labelled(&Table::open(Path::new(path), options.separator)?)?);
            }
            Ok(prepared)
        }
    }
}

/// What is kept aside: the test, then a share of the rest for validation.
fn division(options: &DataOptions, samples: &Samples, seed: u64) -> Result<Division, crate::Error> {
    let test = match &options.data {
        DataSource::Watch => subjects(&options.test_subjects).iter().map(u32::to_string).collect(),
        DataSource::File(_) => options.test_groups.clone(),
    };
    let test = samples.of_groups(&test)?;
    let unseen = samples.of_groups(&options.without_subjects.iter().map(u32::to_string).collect::<Vec<_>>())?;
    let is_learnt = |sample: &usize| [&test, &unseen].iter().all(|kept| kept.binary_search(sample).is_err());
    let rest: Vec<_> = (0..samples.len()).filter(is_learnt).collect();
    let validation = options.validation.map(|share| samples.divided().share(&rest, share, seed)).unwrap_or_default();
    if options.validation.is_some() && validation.is_empty() {
        return Err(crate::Error::NothingLeft { path: samples.divided().path.into(), side: "validate" });
    }
    Ok(Division { validation, test, unseen })
}

/// As [`for_training`], but a board gets samples of the watch as its own sensor would give them, in g and rad/s. Rows of
/// tables are prepared here, since a board knows neither logarithms of columns nor categories.
///
/// # Errors
/// Bad data.
pub fn for_board(options: &DataOptions, seed: u64) -> Result<Prepared, crate::Error> {
    left_to_a_board(for_training(options, seed)?, options)
}

/// Takes back what a board does itself.
///
/// # Errors
/// Bad data.
pub fn left_to_a_board(prepared: Prepared, options: &DataOptions) -> Result<Prepared, crate::Error> {
    // What is kept aside for validation is prepared here as well.
    let Preparation::Watch { mean, std } = prepared.preparation else { return Ok(prepared) };
    if options.validation.is_some() {
        return Ok(prepared);
    }
    let unscaled = unscaled(options)?;
    let every_frame = |values: [f32; watch::AXES]| values.repeat(prepared.train.width / watch::AXES);
    let left_to_do = Some(Standardisation { mean: every_frame(mean), deviation: every_frame(std) });
    Ok(Prepared { preparation: prepared.preparation, left_to_do, ..unscaled })
}

/// Windows of the watch in g and rad/s.
fn unscaled(options: &DataOptions) -> Result<Prepared, crate::Error> {
    let (mean, std) = ([0.0; watch::AXES], [1.0; watch::AXES]);
    Ok(Prepared::of_watch(choice(options).split(Some(Scaler { mean, std }))?))
}

/// Which of the other data, and how they are read.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// People of the watch recordings; none for the usual ones.
    pub test_subjects: &'a [u32],
    /// Of each of these recordings.
    pub half: Half,
    /// What separates the cells of a table, if that is known.
    pub separator: Option<Separator>,
}

impl Preparation {
    /// The name, the mean and the deviation of each input that is standardised by itself, and what else divides it.
    pub fn scales(&self) -> Vec<(String, f32, f32)> {
        match self {
            Self::Watch { mean, std } => (1..)
                .zip(mean.iter().zip(std))
                .map(|(axis, (mean, std))| (format!("axis {axis}"), *mean, *std))
                .collect(),
            Self::Table(Transform { features, .. }) => features.iter().flat_map(Feature::scales).collect(),
        }
    }

    /// Prepares other data as those of the training were; `labelled` demands a column of labels of a table.
    ///
    /// # Errors
    /// Bad data, or of the other kind.
    pub fn apply(&self, source: &DataSource, selection: &Selection, labelled: bool) -> Result<Dataset, Error> {
        match (self, source) {
            (Self::Watch { mean, std }, DataSource::Watch) => {
                let scaler = Scaler { mean: *mean, std: *std };
                let people = watch::people(subjects(selection.test_subjects))?;
                Ok(watch::of_windows(&watch::windows(people, |recording| selection.half.of(recording)), &scaler))
            }
            (Self::Table(transform), DataSource::File(path)) => {
                let table = Table::open(Path::new(path), selection.separator)?;
                Ok(if labelled { transform.labelled(&table) } else { transform.unlabelled(&table) }?)
            }
            (Self::Watch { .. }, DataSource::File(_)) => Err(Error::NotATable),
            (Self::Table(_), DataSource::Watch) => Err(Error::NotTheWatch),
        }
    }
}

/// A share of the samples, at least one, chosen by the seed.
pub fn labelled(samples: &Dataset, share: f32, seed: u64) -> Dataset {
    let count = (f64::from(share) * samples.len() as f64).round().max(1.0) as u32;
    // Not one of the keys of the epochs' orders.
    let key = Key::new(seed, Purpose::Order).child(u64::MAX);
    let shuffle = Shuffle::new(key, samples.len() as u32);
    let mut numbers: Vec<_> = (0..count).map(|place| shuffle.index(place) as usize).collect();
    numbers.sort_unstable();
    samples.subset(&numbers)
}

fn subjects(chosen: &[u32]) -> &[u32] {
    if chosen.is_empty() { &TEST_SUBJECTS } else { chosen }
}
