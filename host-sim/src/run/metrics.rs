//! How good a network is on a data set.

use serde::Serialize;
use trainlet::core::sum::Sum;
use trainlet::nn::loss::LossOptions;

use super::area::area;
use crate::data::Dataset;
use crate::networks::Network;
use crate::networks::learner::LearnerError;

/// Results on a data set. The loss is the network's own, without smoothing or weights, so that runs compare.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Number of samples.
    pub samples: u32,
    /// Mean loss.
    pub loss: f32,
    /// Share of the samples whose class was predicted.
    pub accuracy: f32,
    /// F1 of class 1 if there are two classes, else the mean over the classes.
    pub f1: f32,
    /// Area under the ROC curve over all pairs of samples, for two classes if both occur.
    pub auc: Option<f32>,
    /// One by one.
    pub classes: Vec<ClassScores>,
    /// Samples by `[truth][predicted]`.
    pub confusion: Vec<Vec<u32>>,
}

/// Results for one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Tests what `predict` says about a data set with labels and of the right width, in the order of the set.
///
/// # Errors
/// Those of `predict`, and a label that the network has no output for.
pub fn score(
    network: &Network,
    set: &Dataset,
    mut predict: impl FnMut(&[f32]) -> Result<Vec<f32>, LearnerError>,
) -> Result<Scores, LearnerError> {
    let judge = network.judge(LossOptions::default()).expect("every loss has its defaults");
    let two = network.classes == 2;
    let (mut losses, mut logits, samples) = (Sum::ZERO, Vec::new(), set.len() as u32);
    let mut confusion = vec![vec![0_u32; network.classes]; network.classes];
    for (row, label) in set.samples() {
        let output = predict(row)?;
        let predicted = judge.class(&output);
        losses.add(judge.loss(&output, label)?);
        confusion[label][predicted] += 1;
        if two {
            logits.push((judge.logit(&output, 1), label == 1));
        }
    }
    let classes: Vec<_> =
        set.classes.iter().enumerate().map(|(class, name)| of_class(&confusion, class, name)).collect();
    let right: u32 = (0..network.classes).map(|class| confusion[class][class]).sum();
    let mean_f1 = classes.iter().map(|class| class.f1).sum::<f32>() / network.classes as f32;
    Ok(Scores {
        samples,
        loss: if samples > 0 { losses.value() / samples as f32 } else { 0.0 },
        accuracy: ratio(right, samples),
        f1: if two { classes[1].f1 } else { mean_f1 },
        auc: area(&mut logits),
        classes,
        confusion,
    })
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
