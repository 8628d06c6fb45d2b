//! How good a network is on a data set.

use serde::Serialize;
use trainlet::core::tensor::Tensor;
use trainlet::metrics::{Auc, Metrics};
use trainlet::networks::Network;
use trainlet::nn::loss::{Classify, InvalidTarget, Loss};

use crate::data::Dataset;

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
    /// Area under the ROC curve, for two classes if both occur.
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

/// At least as many as any named network has: the type of the counters cannot depend on a network that is itself a
/// parameter.
const MAX_CLASSES: usize = 16;
const AUC_BINS: usize = 1 << 14;

/// Tests what `predict` says about a data set with labels and of the right width, in the order of the set.
///
/// # Errors
/// Those of `predict`, and a label that the network has no output for.
pub fn score<M: Network, E: From<InvalidTarget>>(
    set: &Dataset,
    mut predict: impl FnMut(&[f32]) -> Result<M::Output, E>,
) -> Result<Scores, E> {
    let classes = const {
        let classes = <M::Loss as Classify<M::Output>>::CLASSES;
        assert!(classes <= MAX_CLASSES, "raise MAX_CLASSES");
        classes
    };
    let (mut metrics, mut auc) = (Metrics::<MAX_CLASSES>::ZERO, Auc::<AUC_BINS>::ZERO);
    let mut gradient = M::Output::ZERO;
    for (row, label) in set.samples() {
        let output = predict(row)?;
        let loss = M::LOSS.evaluate(&output, &M::Loss::target(label), &mut gradient)?;
        metrics.push(loss, label, M::Loss::class(&output));
        auc.push(M::Loss::probability(&output, 1), label == 1);
    }
    let confusion: Vec<Vec<u32>> = metrics.confusion[..classes].iter().map(|row| row[..classes].to_vec()).collect();
    let of_class = |(class, name): (usize, &String)| ClassScores {
        name: name.clone(),
        precision: metrics.precision(class),
        recall: metrics.recall(class),
        f1: metrics.f1(class),
        samples: confusion[class].iter().sum(),
    };
    let mean_f1 = (0..classes).map(|class| metrics.f1(class)).sum::<f32>() / classes as f32;
    Ok(Scores {
        samples: metrics.count(),
        loss: metrics.loss(),
        accuracy: metrics.accuracy(),
        f1: if classes == 2 { metrics.f1(1) } else { mean_f1 },
        auc: if classes == 2 { auc.value() } else { None },
        classes: set.classes.iter().enumerate().map(of_class).collect(),
        confusion,
    })
}
