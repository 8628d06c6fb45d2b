//! How good predictions of values are.

use serde::{Deserialize, Serialize};

use crate::data::Measure;

/// How good predictions of values are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// Coefficient of determination, the mean over the values: 1 is perfect, 0 no better than the mean of the samples.
    pub r2: f32,
    /// One by one.
    pub values: Vec<ValueScores>,
}

/// Results for one value, in its own unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueScores {
    /// Its name.
    pub name: String,
    /// Mean of the absolute errors.
    pub mae: f64,
    /// Root of the mean of the squared errors.
    pub rmse: f64,
    /// Coefficient of determination: 1 less the squared errors over those of the mean.
    pub r2: f64,
    /// Some of the samples, at most 256 at equal distances, for a picture.
    #[serde(default)]
    pub points: Vec<Point>,
}

/// A value as it is and as it was predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// In its own unit.
    pub truth: f64,
    /// In its own unit.
    pub predicted: f64,
}

/// As many as an eye tells apart in a picture.
pub const POINTS: usize = 256;

impl Values {
    /// Of standardised outputs, `[samples][values]`, for samples with such labels.
    pub(super) fn of(measures: &[Measure], labels: &[f32], outputs: &[f32]) -> Self {
        let width = measures.len();
        let column = |values: &[f32], place: usize| -> Vec<f64> {
            values.iter().skip(place).step_by(width).map(|value| measures[place].value(*value)).collect()
        };
        let values: Vec<_> = measures
            .iter()
            .enumerate()
            .map(|(place, measure)| of_value(&measure.name, &column(labels, place), &column(outputs, place)))
            .collect();
        let r2 = values.iter().map(|value| value.r2).sum::<f64>() / width as f64;
        Self { r2: r2 as f32, values }
    }
}

/// Samples at equal distances, the first among them.
fn points(truth: &[f64], predicted: &[f64]) -> Vec<Point> {
    let pairs = truth.iter().zip(predicted).step_by(truth.len().div_ceil(POINTS).max(1));
    pairs.map(|(truth, predicted)| Point { truth: *truth, predicted: *predicted }).collect()
}

fn of_value(name: &str, truth: &[f64], predicted: &[f64]) -> ValueScores {
    let count = truth.len().max(1) as f64;
    let mean = truth.iter().sum::<f64>() / count;
    let errors = || truth.iter().zip(predicted).map(|(truth, predicted)| predicted - truth);
    let squares: f64 = errors().map(|error| error * error).sum();
    let spread: f64 = truth.iter().map(|truth| (truth - mean) * (truth - mean)).sum();
    ValueScores {
        name: name.into(),
        mae: errors().map(f64::abs).sum::<f64>() / count,
        rmse: (squares / count).sqrt(),
        // As scikit-learn has it where all values are equal.
        r2: match (spread > 0.0, squares > 0.0) {
            (true, _) => 1.0 - squares / spread,
            (false, right) => f64::from(u8::from(!right)),
        },
        points: points(truth, predicted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scikit-learn's `r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])` is 0.9486081370449679.
    #[test]
    fn errors_are_in_the_unit_of_the_column() {
        let measure = Measure { name: "y".into(), mean: 1.0, deviation: 0.5 };
        let standardised = |value: f64| ((value - 1.0) / 0.5) as f32;
        let truth = [3.0, -0.5, 2.0, 7.0].map(standardised);
        let scores = Values::of(&[measure], &truth, &[2.5, 0.0, 2.0, 8.0].map(standardised));
        let [ValueScores { mae, rmse, r2, .. }] = &scores.values[..] else { panic!() };
        assert!((mae - 0.5).abs() < 1e-6 && (rmse - 0.375_f64.sqrt()).abs() < 1e-6, "{mae} {rmse}");
        assert_eq!(scores.values[0].points[3], Point { truth: 7.0, predicted: 8.0 });
        assert!((r2 - 0.948_608_137).abs() < 1e-6 && (f64::from(scores.r2) - r2).abs() < 1e-6, "{r2}");
    }
    #[test]
    fn a_picture_has_points_from_all_over_the_samples() {
        let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
        let found = points(&numbers, &numbers);
        assert!(found.len() == 250 && found[0].truth == 0.0 && found[249].truth == 996.0, "{}", found.len());
        assert!(points(&numbers[..POINTS], &numbers).len() == POINTS && points(&[], &[]).is_empty());
    }
}
