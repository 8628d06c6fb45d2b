//! How good predictions of classes are.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use trainlet::nn::loss::classes;

use super::calibration::Calibration;
use super::ranking::{area, average_precision};

/// How good predictions of classes are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classes {
    /// Share of the samples whose class was predicted.
    pub accuracy: f32,
    /// Mean recall of the classes that occur: the accuracy if all of them came equally often.
    pub balanced_accuracy: f32,
    /// Share of the class that comes most often: the accuracy of saying it always.
    pub majority: f32,
    /// F1 of class 1 if there are two classes, else the mean over the classes.
    pub f1: f32,
    /// Area under the ROC curve over all pairs of samples: of class 1 if there are two classes, else the mean over the classes,
    /// each against all others. `None` unless there are two classes that occur.
    pub auc: Option<f32>,
    /// Mean precision over the recalls of class 1 if there are two classes, else the mean over the classes.
    pub average_precision: Option<f32>,
    /// Whether probabilities mean what they say. `None` without samples.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    /// One by one.
    pub classes: Vec<ClassScores>,
    /// Samples by `[truth][predicted]`.
    pub confusion: Vec<Vec<u32>>,
}

/// Results for one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Its name.
    pub name: String,
    /// Share of right answers among those that predicted this class.
    pub precision: f32,
    /// Share of right answers among the samples of this class.
    pub recall: f32,
    /// Harmonic mean of the two.
    pub f1: f32,
    /// Samples of this class.
    pub samples: u32,
}

impl Classes {
    /// Samples, true class and predicted class of all mistakes, the most frequent first.
    pub fn mistakes(&self) -> Vec<(u32, usize, usize)> {
        let mut found: Vec<(u32, usize, usize)> = Vec::new();
        for (truth, counts) in self.confusion.iter().enumerate() {
            let wrong = counts.iter().enumerate().filter(|(predicted, count)| *predicted != truth && **count > 0);
            found.extend(wrong.map(|(predicted, count)| (*count, truth, predicted)));
        }
        found.sort_by_key(|(count, truth, predicted)| (Reverse(*count), *truth, *predicted));
        found
    }

    /// Of outputs, `[samples][outputs]`, for samples with these numbers of classes.
    pub(super) fn of(names: &[String], labels: &[f32], outputs: &[f32]) -> Self {
        let width = outputs.len() / labels.len().max(1);
        let rows = || labels.iter().map(|label| *label as usize).zip(outputs.chunks_exact(width.max(1)));
        let mut confusion = vec![vec![0_u32; names.len()]; names.len()];
        rows().for_each(|(label, output)| confusion[label][classes::class(output)] += 1);
        let of: Vec<_> = names.iter().enumerate().map(|(class, name)| of_class(&confusion, class, name)).collect();
        let right: u32 = (0..names.len()).map(|class| confusion[class][class]).sum();
        let (samples, there) = (labels.len() as u32, || of.iter().filter(|class| class.samples > 0));
        let two = names.len() == 2;
        let ranked: Vec<_> = (usize::from(two)..names.len())
            .filter_map(|class| {
                let mut logits: Vec<_> =
                    rows().map(|(label, output)| (classes::logit(output, class), label == class)).collect();
                Some((area(&mut logits)?, average_precision(&logits)?))
            })
            .collect();
        let (areas, precisions): (Vec<_>, Vec<_>) = ranked.into_iter().unzip();
        Self {
            accuracy: ratio(right, samples),
            balanced_accuracy: mean(there().map(|class| class.recall)).unwrap_or(0.0),
            majority: ratio(of.iter().map(|class| class.samples).max().unwrap_or(0), samples),
            f1: if two { of[1].f1 } else { mean(of.iter().map(|class| class.f1)).unwrap_or(0.0) },
            auc: mean(areas.into_iter()),
            average_precision: mean(precisions.into_iter()),
            calibration: Calibration::of(rows()),
            classes: of,
            confusion,
        }
    }

    /// Whether the class that comes most often, said always, is as good.
    pub fn is_no_better_than_the_majority(&self) -> bool {
        self.accuracy <= self.majority
    }
}

fn of_class(confusion: &[Vec<u32>], class: usize, name: &str) -> ClassScores {
    let right = confusion[class][class];
    let samples: u32 = confusion[class].iter().sum();
    let predicted: u32 = confusion.iter().map(|row| row[class]).sum();
    ClassScores {
        name: name.into(),
        precision: ratio(right, predicted),
        recall: ratio(right, samples),
        f1: if samples + predicted > 0 { 2.0 * right as f32 / (samples + predicted) as f32 } else { 0.0 },
        samples,
    }
}

/// 0 for a share of nothing.
fn ratio(part: u32, whole: u32) -> f32 {
    if whole > 0 { part as f32 / whole as f32 } else { 0.0 }
}

/// `None` of nothing.
fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scikit-learn 1.9's figures for these predictions: `balanced_accuracy_score`, `roc_auc_score(.., multi_class="ovr")` and
    /// `average_precision_score`, all means over the classes.
    #[test]
    fn rare_classes_count_as_much_as_others() {
        let logits =
            [[2.0, 0.0, 1.0], [0.5, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.8, 0.2], [0.3, 0.1, 0.9], [1.5, 0.2, 0.1]];
        let names = ["a", "b", "c"].map(String::from);
        let scores = Classes::of(&names, &[0.0, 0.0, 1.0, 0.0, 2.0, 1.0], logits.as_flattened());
        assert_eq!((scores.accuracy, scores.majority), (4.0 / 6.0, 0.5));
        assert!((scores.balanced_accuracy - (2.0 / 3.0 + 0.5 + 1.0) / 3.0).abs() < 1e-6);
        assert!((scores.auc.unwrap() - AUC).abs() < 1e-6, "{:?}", scores.auc);
        assert!((scores.average_precision.unwrap() - PRECISION).abs() < 1e-6, "{:?}", scores.average_precision);
    }

    const AUC: f32 = 0.800_925_9;
    const PRECISION: f32 = 0.835_185_2;

    #[test]
    fn one_class_alone_has_no_area() {
        let scores = Classes::of(&["a", "b"].map(String::from), &[0.0, 0.0], &[-1.0, 1.0]);
        assert_eq!((scores.auc, scores.average_precision, scores.balanced_accuracy), (None, None, 0.5));
        assert!(scores.is_no_better_than_the_majority());
    }
}
