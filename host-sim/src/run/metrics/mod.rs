//! How good a network is on a data set.

mod calibration;
mod classes;
mod groups;
mod ranking;
mod values;
mod votes;

pub use calibration::{Bin, Calibration};
pub use classes::{ClassScores, Classes};
pub use groups::GroupScores;
pub use values::{Point, ValueScores, Values};

use serde::{Deserialize, Serialize};
use trainlet::core::sum::Sum;
use trainlet::nn::loss::LossOptions;

use crate::data::{Dataset, Target};
use crate::networks::Network;
use crate::networks::learner::LearnerError;

/// Results on a data set. The loss is the network's own, without smoothing or weights, so that runs compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Number of samples.
    pub samples: u32,
    /// Mean loss.
    pub loss: f32,
    /// Accuracy of windows that decide together with those before them, if that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voted: Option<f32>,
    /// Group by group, where the samples belong to several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupScores>,
    /// By what is predicted.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What predictions are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figures {
    /// Of classes.
    Classes(Classes),
    /// Of values.
    Values(Values),
}

impl Scores {
    /// The figure that networks are compared by, the larger the better: the accuracy of classes, R² of values.
    pub fn score(&self) -> f32 {
        match &self.figures {
            Figures::Classes(classes) => classes.accuracy,
            Figures::Values(values) => values.r2,
        }
    }

    /// Of classes; panics if values are predicted.
    pub fn classes(&self) -> &Classes {
        match &self.figures {
            Figures::Classes(classes) => classes,
            Figures::Values(_) => panic!("the network predicts values"),
        }
    }
}

/// Tests what `predict` says about a data set with labels and of the right width, in the order of the set; windows of recordings by
/// `vote` of them together, too.
///
/// # Errors
/// Those of `predict`, and a label that the network has no output for.
pub fn score(
    network: &Network,
    set: &Dataset,
    vote: Option<u32>,
    mut predict: impl FnMut(&[f32]) -> Result<Vec<f32>, LearnerError>,
) -> Result<Scores, LearnerError> {
    let judge = network.judge(LossOptions::default()).expect("every loss has its defaults");
    let (mut losses, mut outputs) = (Sum::ZERO, Vec::with_capacity(set.len() * network.outputs));
    for (row, label) in set.samples() {
        let output = predict(row)?;
        losses.add(judge.loss(&output, label)?);
        outputs.extend(output);
    }
    let samples = set.len() as u32;
    let loss = if samples > 0 { losses.value() / samples as f32 } else { 0.0 };
    let is_recorded = !set.target.classes().is_empty() && set.recordings.len() == set.len();
    let voted = vote.filter(|_| is_recorded).map(|windows| votes::voted(set, &outputs, windows as usize));
    let (groups, figures) = (groups::scores(set, &outputs), figures(&set.target, &set.labels, &outputs));
    Ok(Scores { samples, loss, voted, groups, figures })
}

/// What outputs, `[samples][outputs]`, are worth against labels.
pub fn figures(target: &Target, labels: &[f32], outputs: &[f32]) -> Figures {
    match target {
        Target::Classes(names) => Figures::Classes(Classes::of(names, labels, outputs)),
        Target::Values(measures) => Figures::Values(Values::of(measures, labels, outputs)),
    }
}

/// Mean of some runs, and standard deviation of a sample.
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
