//! Plain models to compare networks with.

use std::panic::{AssertUnwindSafe, catch_unwind};

use smartcore::ensemble::random_forest_classifier::{RandomForestClassifier, RandomForestClassifierParameters};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::error::Failed;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters};

use crate::message::{Model, Outcome};
use crate::split::Split;

/// Numbers to learn from, of more of which fewer trees are grown.
const LARGE: usize = 60_000;

/// Fits a model to the first part of a split and predicts the other. There are no outputs if it cannot be fitted to these samples, as a
/// linear one to fewer samples than inputs.
pub fn fit(model: Model, split: &Split, classes: usize) -> Outcome {
    let fitted = catch_unwind(AssertUnwindSafe(|| {
        let (train, test) = (matrix(&split.train, split.width)?, matrix(&split.test, split.width)?);
        match model {
            Model::Ridge if classes > 0 => {
                values(model, split, [&train, &test], &one_hot(split.labels.iter().copied(), classes), classes)
            }
            _ if classes > 0 => predict_classes(model, split, [&train, &test], classes),
            _ => values(model, split, [&train, &test], &split.labels, split.label_width),
        }
    }));
    // What panics is a matrix that cannot be inverted.
    let outputs = fitted.ok().and_then(Result::ok).unwrap_or_default();
    Outcome { outputs, weights_crc32: 0, seconds: 0.0 }
}

type Matrix = DenseMatrix<f64>;

fn predict_classes(
    model: Model,
    split: &Split,
    [train, test]: [&Matrix; 2],
    classes: usize,
) -> Result<Vec<f32>, Failed> {
    let labels: Vec<u32> = split.labels.iter().map(|label| *label as u32).collect();
    let predicted: Vec<u32> = if model == Model::Forest {
        let settings = RandomForestClassifierParameters::default().with_n_trees(trees(split));
        RandomForestClassifier::fit(train, &labels, settings)?.predict(test)?
    } else {
        let settings = LogisticRegressionParameters::default().with_alpha(1.0);
        LogisticRegression::fit(train, &labels, settings)?.predict(test)?
    };
    Ok(one_hot(predicted.into_iter().map(|class| class as f32), classes))
}

/// `[samples][values]`, the labels as well.
fn values(
    model: Model,
    split: &Split,
    [train, test]: [&Matrix; 2],
    labels: &[f32],
    values: usize,
) -> Result<Vec<f32>, Failed> {
    let mut outputs = vec![0.0; split.test.len() / split.width * values];
    for value in 0..values {
        let labels: Vec<f64> = labels.iter().skip(value).step_by(values).copied().map(f64::from).collect();
        let predicted: Vec<f64> = if model == Model::Forest {
            let settings = RandomForestRegressorParameters::default().with_n_trees(usize::from(trees(split)));
            RandomForestRegressor::fit(train, &labels, settings.with_m((split.width / 3).max(1)))?.predict(test)?
        } else {
            let settings = RidgeRegressionParameters::default().with_alpha(1.0).with_normalize(false);
            RidgeRegression::fit(train, &labels, settings)?.predict(test)?
        };
        for (output, predicted) in outputs.iter_mut().skip(value).step_by(values).zip(predicted) {
            *output = predicted as f32;
        }
    }
    Ok(outputs)
}

fn one_hot(labels: impl Iterator<Item = f32>, classes: usize) -> Vec<f32> {
    labels.flat_map(|label| (0..classes).map(move |class| if label == class as f32 { 1.0 } else { 0.0 })).collect()
}

/// Trees of a forest.
fn trees(split: &Split) -> u16 {
    if split.train.len() > LARGE { 40 } else { 100 }
}

fn matrix(values: &[f32], width: usize) -> Result<DenseMatrix<f64>, Failed> {
    DenseMatrix::new(values.len() / width, width, values.iter().copied().map(f64::from).collect(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The class is whether the first of two numbers is positive, the value is their sum.
    fn split(labels: impl Fn(f32, f32) -> f32) -> Split {
        let pairs: Vec<[f32; 2]> = (0..60_u32)
            .map(|i| [(i * 7919 % 101) as f32 / 50.0 - 1.0, (i * 104_729 % 97) as f32 / 48.0 - 1.0])
            .collect();
        let (train, test) = (pairs[..40].as_flattened().to_vec(), pairs[40..].as_flattened().to_vec());
        Split {
            width: 2,
            label_width: 1,
            labels: pairs[..40].iter().map(|[a, b]| labels(*a, *b)).collect(),
            train,
            test,
        }
    }

    #[test]
    fn plain_problems_are_learnt() {
        let classes = split(|a, _| if a > 0.0 { 1.0 } else { 0.0 });
        let values = split(|a, b| a + b);
        for model in [Model::Logistic, Model::Ridge, Model::Forest] {
            let outputs = fit(model, &classes, 2).outputs;
            let right =
                classes.test.chunks(2).zip(outputs.chunks(2)).filter(|(x, y)| (x[0] > 0.0) == (y[1] > y[0])).count();
            assert!(right >= 18, "{model:?}: {right} of 20");
            let outputs = fit(model, &values, 0).outputs;
            let error: f32 = values.test.chunks(2).zip(&outputs).map(|(x, y)| (x[0] + x[1] - y).abs()).sum();
            assert!(error / 20.0 < 0.3, "{model:?}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_fitted_has_no_outputs() {
        assert!(fit(Model::Logistic, &split(|_, _| 1.0), 2).outputs.is_empty(), "a single class");
    }
}
