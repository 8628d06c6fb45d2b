//! How good a network is, counted sample by sample in fixed memory.

mod auc;
mod drift;
mod p_square;
mod votes;

pub use auc::Auc;
pub use drift::{Change, PageHinkley, PageHinkleyConfig};
pub use p_square::PSquare;
pub use votes::Votes;

use crate::core::archive::Archive;
use crate::core::sum::Sum;

/// Loss, accuracy and confusion matrix of a classifier with `K` classes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Metrics<const K: usize> {
    /// Samples by `[truth][predicted]`.
    pub confusion: [[u32; K]; K],
    loss: Sum,
    count: u32,
}

impl<const K: usize> Metrics<K> {
    /// No samples yet.
    pub const ZERO: Self = {
        assert!(K > 0, "a classifier needs a class: write 1 or more for K");
        Self { confusion: [[0; K]; K], loss: Sum::ZERO, count: 0 }
    };

    /// Shows all counts to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.counts(self.confusion.as_flattened_mut());
        self.loss.persist(archive);
        archive.count(&mut self.count);
    }

    /// Counts one sample. A class outside `0..K` stays out of the confusion matrix and counts as a wrong answer.
    pub fn push(&mut self, loss: f32, truth: usize, predicted: usize) {
        self.loss.add(loss);
        self.count = self.count.saturating_add(1);
        if let Some(cell) = self.confusion.get_mut(truth).and_then(|row| row.get_mut(predicted)) {
            *cell = cell.saturating_add(1);
        }
    }

    /// Number of samples.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Mean loss; 0 without samples.
    pub fn loss(&self) -> f32 {
        ratio(self.loss.value(), self.count as f32)
    }

    /// Share of the samples whose class was predicted; 0 without samples.
    pub fn accuracy(&self) -> f32 {
        let right = (0..K).map(|class| self.right(class)).fold(0, u32::saturating_add);
        ratio(right as f32, self.count as f32)
    }

    /// Share of class `class` among the samples predicted to be of it; 0 if none was.
    pub fn precision(&self, class: usize) -> f32 {
        ratio(self.right(class) as f32, self.predicted(class) as f32)
    }

    /// Share of the samples of class `class` that were predicted to be of it; 0 if there are none.
    pub fn recall(&self, class: usize) -> f32 {
        ratio(self.right(class) as f32, self.truth(class) as f32)
    }

    /// Harmonic mean of precision and recall of one class; 0 for a class that neither occurs nor is predicted.
    pub fn f1(&self, class: usize) -> f32 {
        let either = self.truth(class).saturating_add(self.predicted(class));
        ratio(2.0 * self.right(class) as f32, either as f32)
    }

    /// Mean of [`f1`](Self::f1) over all `K` classes, those that never occur included.
    pub fn macro_f1(&self) -> f32 {
        let sum = (0..K).map(|class| self.f1(class)).fold(0.0, |sum, f1| sum + f1);
        ratio(sum, K as f32)
    }

    /// The one F1 to report: of class 1, the positive one, if there are two classes, otherwise
    /// [`macro_f1`](Self::macro_f1).
    pub fn f1_score(&self) -> f32 {
        if K == 2 { self.f1(1) } else { self.macro_f1() }
    }

    fn right(&self, class: usize) -> u32 {
        self.confusion.get(class).and_then(|row| row.get(class)).copied().unwrap_or(0)
    }

    fn truth(&self, class: usize) -> u32 {
        self.confusion.get(class).into_iter().flatten().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn predicted(&self, class: usize) -> u32 {
        self.confusion.iter().filter_map(|row| row.get(class)).fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// `part / whole`, and 0 for a share of nothing.
fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-6
    }

    /// Expected values straight from the definitions: rights / column sum, rights / row sum, 2 rights / (both sums).
    #[test]
    fn three_classes_one_of_them_never_predicted() {
        let mut metrics = Metrics::<3>::ZERO;
        for (truth, predicted, times) in [(0, 0, 5), (0, 1, 2), (1, 0, 1), (1, 1, 4), (2, 1, 3)] {
            (0..times).for_each(|_| metrics.push(0.5, truth, predicted));
        }
        assert_eq!(metrics.confusion, [[5, 2, 0], [1, 4, 0], [0, 3, 0]]);
        assert_eq!(metrics.count(), 15);
        assert!(close(metrics.loss(), 0.5) && close(metrics.accuracy(), 0.6));
        for (class, precision, recall, f1) in
            [(0, 5.0 / 6.0, 5.0 / 7.0, 10.0 / 13.0), (1, 4.0 / 9.0, 4.0 / 5.0, 8.0 / 14.0), (2, 0.0, 0.0, 0.0)]
        {
            assert!(close(metrics.precision(class), precision), "{class}");
            assert!(close(metrics.recall(class), recall), "{class}");
            assert!(close(metrics.f1(class), f1), "{class}");
        }
        assert!(close(metrics.macro_f1(), (10.0 / 13.0 + 8.0 / 14.0) / 3.0));
        assert_eq!(metrics.f1_score(), metrics.macro_f1());
    }

    #[test]
    fn two_classes_report_the_positive_one() {
        let mut metrics = Metrics::<2>::ZERO;
        metrics.confusion = [[90, 10], [5, 15]];
        assert!(close(metrics.f1_score(), 2.0 * 0.6 * 0.75 / (0.6 + 0.75)));
    }

    #[test]
    fn nothing_counted_is_0_and_a_foreign_class_is_wrong() {
        let mut metrics = Metrics::<2>::ZERO;
        let all = |metrics: &Metrics<2>| [metrics.loss(), metrics.accuracy(), metrics.f1(9), metrics.macro_f1()];
        assert_eq!(all(&metrics), [0.0; 4]);
        metrics.push(1.0, 1, 1);
        metrics.push(3.0, 2, 2);
        assert_eq!((metrics.loss(), metrics.accuracy(), metrics.count()), (2.0, 0.5, 2));
    }

    #[test]
    fn a_million_small_losses_keep_their_mean() {
        let mut metrics = Metrics::<1>::ZERO;
        (0..1_000_000).for_each(|_| metrics.push(0.1, 0, 0));
        assert_eq!(metrics.loss(), 0.1);
    }
}
