//! How good predictions are.

use serde::{Deserialize, Serialize};
use trainlet::nn::loss::{Task, classes};

/// How good predictions of some samples are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Accuracy of classes, R² of values: 1 is perfect, and what is compared.
    pub main: f64,
    /// Mean recall of the classes; RMSE of standardised values.
    pub second: f64,
    /// What decides between candidates: the main figure, and a little of how sure they are of it.
    pub value: f64,
}

/// How much the mean of the probabilities of the right classes counts beside the accuracy.
const SURENESS: f64 = 0.3;

impl Score {
    /// Of a training that diverged.
    pub const NONE: Self = Self { main: f64::MIN, second: f64::MIN, value: f64::MIN };

    /// Of `[samples][outputs]` for samples with these labels.
    pub fn of(task: Task, outputs: &[f32], labels: &[f32]) -> Self {
        match task {
            _ if outputs.is_empty() => Self::NONE,
            Task::Classify { classes } => of_classes(classes, outputs, labels),
            Task::Regress { values } => of_values(values, outputs, labels),
        }
    }
}

fn of_classes(count: usize, outputs: &[f32], labels: &[f32]) -> Score {
    let (mut right, mut sure) = (0_u32, 0.0);
    let mut recalls = vec![(0_u32, 0_u32); count];
    for (outputs, label) in outputs.chunks_exact(count).zip(labels) {
        let label = *label as usize;
        let hit = u32::from(classes::class(outputs) == label);
        right += hit;
        sure += f64::from(classes::probability(outputs, label));
        recalls[label].0 += hit;
        recalls[label].1 += 1;
    }
    let samples = labels.len() as f64;
    let there: Vec<f64> = recalls
        .iter()
        .filter(|(_, samples)| *samples > 0)
        .map(|(right, samples)| f64::from(*right) / f64::from(*samples))
        .collect();
    let main = f64::from(right) / samples;
    let value = (main + SURENESS * sure / samples) / (1.0 + SURENESS);
    Score { main, second: there.iter().sum::<f64>() / there.len() as f64, value }
}

/// R² is the mean over the values; a value that does not vary is predicted perfectly or not at all.
fn of_values(count: usize, outputs: &[f32], labels: &[f32]) -> Score {
    let (mut r2, mut squares) = (0.0, 0.0);
    for value in 0..count {
        let pairs =
            || outputs.iter().zip(labels).skip(value).step_by(count).map(|(y, t)| (f64::from(*y), f64::from(*t)));
        let samples = pairs().count() as f64;
        let mean = pairs().map(|(_, t)| t).sum::<f64>() / samples;
        let error: f64 = pairs().map(|(y, t)| (y - t) * (y - t)).sum();
        let all: f64 = pairs().map(|(_, t)| (t - mean) * (t - mean)).sum();
        squares += error / samples / count as f64;
        r2 += if all > 0.0 {
            1.0 - error / all
        } else if error == 0.0 {
            1.0
        } else {
            0.0
        } / count as f64;
    }
    Score { main: r2, second: squares.sqrt(), value: r2 }
}

/// Mean and deviation over folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean over the folds.
    pub mean: f64,
    /// Standard deviation over the folds, that of a population.
    pub deviation: f64,
    /// Fold by fold.
    pub folds: Vec<f64>,
}

impl Spread {
    /// Of these folds, at least one.
    pub fn of(folds: Vec<f64>) -> Self {
        let count = folds.len() as f64;
        let mean = folds.iter().sum::<f64>() / count;
        let squares = folds.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        Self { mean, deviation: (squares / count).sqrt(), folds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_counted() {
        let outputs = [2.0, 0.0, 0.0, 1.0, 3.0, 1.0, 0.0, 0.0];
        let score = Score::of(Task::Classify { classes: 2 }, &outputs, &[0.0, 1.0, 1.0, 0.0]);
        assert_eq!((score.main, score.second), (0.75, 0.75));
        assert!(score.value < score.main && score.value > 0.5);
        assert_eq!(Score::of(Task::Classify { classes: 2 }, &[], &[0.0]), Score::NONE);
    }

    #[test]
    fn values_are_compared_with_their_mean() {
        let task = Task::Regress { values: 2 };
        let labels = [0.0, 5.0, 1.0, 5.0, 2.0, 5.0];
        assert_eq!(Score::of(task, &labels, &labels).main, 1.0);
        let score = Score::of(task, &[1.0, 5.0, 1.0, 5.0, 1.0, 5.0], &labels);
        assert_eq!((score.main, score.second), (0.5, (1.0_f64 / 3.0).sqrt()));
    }

    #[test]
    fn folds_have_a_mean_and_a_deviation() {
        let spread = Spread::of(vec![1.0, 3.0]);
        assert_eq!((spread.mean, spread.deviation), (2.0, 1.0));
    }
}
