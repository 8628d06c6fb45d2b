//! The parts of the data as files for the workers.

use std::path::{Path, PathBuf};

use trainlet_worker::Split;

use super::Error;
use super::folds::{Fold, Parts};
use crate::data::{Dataset, Target};

/// A split in a file.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The file.
    pub path: PathBuf,
    /// Labels of the samples that are predicted, `[samples][numbers of a label]`.
    pub labels: Vec<f32>,
    /// Number of samples to learn from.
    pub samples: usize,
}

/// The splits of a fold.
#[derive(Clone, Debug)]
pub struct StoredFold {
    /// Learns from all but the fold, predicts the fold.
    pub test: Stored,
    /// Learn from a part of the rest, predict another.
    pub validations: Vec<Stored>,
}

/// Writes the splits of all folds into a folder.
///
/// # Errors
/// Those of the file system.
pub fn store(set: &Dataset, folds: &[Fold], folder: &Path) -> Result<Vec<StoredFold>, Error> {
    let store = |(number, Fold { whole, validations }): (usize, &Fold)| {
        let inner = validations.iter().enumerate();
        let inner = inner.map(|(inner, parts)| write(set, parts, folder.join(format!("fold-{number}-{inner}"))));
        let validations = inner.collect::<Result<_, _>>()?;
        Ok(StoredFold { test: write(set, whole, folder.join(format!("fold-{number}")))?, validations })
    };
    folds.iter().enumerate().map(store).collect()
}

/// Inputs, and labels that are values, are standardised by the samples to learn from.
fn write(set: &Dataset, Parts { train, test }: &Parts, path: PathBuf) -> Result<Stored, Error> {
    let scales = Scales::of(set, train);
    let inputs =
        |numbers: &[usize]| numbers.iter().flat_map(|number| scales.inputs(set.row(*number))).collect::<Vec<_>>();
    let labels =
        |numbers: &[usize]| numbers.iter().flat_map(|number| scales.label(set.label(*number))).collect::<Vec<_>>();
    let split = Split {
        width: set.width,
        label_width: set.target.task().label_len(),
        train: inputs(train),
        labels: labels(train),
        test: inputs(test),
    };
    split.write(&path).map_err(Error::file(path.display().to_string()))?;
    Ok(Stored { path, labels: labels(test), samples: train.len() })
}

/// What standardises, by the samples to learn from.
struct Scales {
    inputs: Vec<Scale>,
    /// Empty if labels are classes.
    labels: Vec<Scale>,
}

#[derive(Clone, Copy)]
struct Scale {
    mean: f64,
    deviation: f64,
}

impl Scales {
    /// Of a window, whose frames follow each other, all values of a channel have one scale.
    fn of(set: &Dataset, samples: &[usize]) -> Self {
        let channels = set.width / set.frames;
        let of_channel = |channel: usize| {
            let values =
                || samples.iter().flat_map(move |sample| set.row(*sample).iter().skip(channel).step_by(channels));
            Scale::of(values)
        };
        let inputs = (0..channels).map(of_channel).collect();
        let labels = match &set.target {
            Target::Classes(_) => Vec::new(),
            Target::Values(values) => {
                let of_value =
                    |value: usize| Scale::of(|| samples.iter().map(move |sample| &set.label(*sample)[value]));
                (0..values.len()).map(of_value).collect()
            }
        };
        Self { inputs, labels }
    }

    fn inputs(&self, row: &[f32]) -> impl Iterator<Item = f32> {
        row.iter().zip(self.inputs.iter().cycle()).map(|(value, scale)| scale.apply(*value))
    }

    fn label<'a>(&'a self, label: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let scaled = label.iter().zip(&self.labels).map(|(value, scale)| scale.apply(*value));
        scaled.chain(label.iter().skip(self.labels.len()).copied())
    }
}

impl Scale {
    fn of<'a, I: Iterator<Item = &'a f32>>(values: impl Fn() -> I) -> Self {
        let (count, sum) = values().fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + f64::from(*value)));
        let mean: f64 = sum / f64::max(count, 1.0);
        let squares: f64 = values().map(|value| (f64::from(*value) - mean) * (f64::from(*value) - mean)).sum();
        Self { mean, deviation: (squares / f64::max(count, 1.0)).sqrt() }
    }

    /// 0 where all values were the same.
    fn apply(self, value: f32) -> f32 {
        if self.deviation > 1e-12 { ((f64::from(value) - self.mean) / self.deviation) as f32 } else { 0.0 }
    }
}
