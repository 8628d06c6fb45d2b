//! How good a network is, as a program reports it.

use trainlet::core::archive::Archive;
use trainlet::metrics::Metrics;
use trainlet::nn::loss::classes;

use crate::board::Board;
use crate::report::{Count, Fixed, Name, line};

/// Counts outputs for samples whose target `T` is known.
pub trait Results<T>: Sized {
    /// Nothing yet.
    const ZERO: Self;
    /// What one figure is called, and what stands behind it.
    const FIGURE: [&'static str; 2];

    /// Shows all that is counted.
    fn persist(&mut self, archive: &mut Archive);
    /// Counts the loss of a sample whose outputs are not looked at.
    fn push_loss(&mut self, loss: f32);
    /// Counts a sample.
    fn push(&mut self, loss: f32, target: &T, output: &[f32]);
    /// Mean loss.
    fn loss(&self) -> f32;
    /// Samples.
    fn count(&self) -> u32;
    /// One figure for all.
    fn figure(&self) -> f32;
    /// The figure, for people.
    fn shown(&self) -> Fixed;
    /// A line for each class or value, with its name.
    fn details<B: Board>(&self, board: &mut B, names: &[&'static str]);
    /// The last line; `what` the samples are.
    fn summary<B: Board>(&self, board: &mut B, what: &'static str);
    /// How sure of itself a network is, 0 to 1; `None` where outputs do not say.
    fn confidence(output: &[f32]) -> Option<f32>;
    /// What the outputs for a sample say.
    fn answer<B: Board>(board: &mut B, names: &[&'static str], output: &[f32]);
}

/// The figure is the share of the samples whose class is right.
impl<const K: usize> Results<usize> for Metrics<K> {
    const ZERO: Self = Self::ZERO;
    const FIGURE: [&'static str; 2] = ["accuracy", " %"];

    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }

    fn push_loss(&mut self, loss: f32) {
        self.push(loss, K, K);
    }

    fn push(&mut self, loss: f32, target: &usize, output: &[f32]) {
        self.push(loss, *target, classes::class(output));
    }

    fn loss(&self) -> f32 {
        self.loss()
    }

    fn count(&self) -> u32 {
        self.count()
    }

    fn figure(&self) -> f32 {
        self.accuracy()
    }

    fn shown(&self) -> Fixed {
        Fixed(100.0 * self.accuracy(), 1)
    }

    fn details<B: Board>(&self, board: &mut B, names: &[&'static str]) {
        for (class, name) in names.iter().enumerate() {
            let [precision, recall] = [self.precision(class), self.recall(class)].map(|ratio| Fixed(ratio, 3));
            let name = Name(name);
            line(board, format_args!("{name}: precision {precision}, recall {recall}"));
        }
    }

    fn summary<B: Board>(&self, board: &mut B, what: &'static str) {
        let (accuracy, samples, what) = (self.shown(), Count(self.count() as usize), Name(what));
        line(board, format_args!("test: {accuracy} % of {samples} {what} recognised"));
    }

    fn confidence(output: &[f32]) -> Option<f32> {
        Some(classes::probability(output, classes::class(output)))
    }

    fn answer<B: Board>(board: &mut B, names: &[&'static str], output: &[f32]) {
        let class = classes::class(output);
        let (name, probability) =
            (Name(names.get(class).copied().unwrap_or("")), Fixed(classes::probability(output, class), 3));
        line(board, format_args!("{name}: {probability}"));
    }
}

/// Errors of `K` standardised values. The figure is the root of their mean square, so that 1 is no better than the mean.
#[derive(Clone, Copy, Debug)]
pub struct Errors<const K: usize> {
    squares: [f32; K],
    loss: f32,
    count: u32,
}

impl<const K: usize> Errors<K> {
    fn root(&self, sum: f32, values: usize) -> f32 {
        libm::sqrtf(sum / (self.count.max(1) as f32 * values as f32))
    }
}

impl<const K: usize> Results<[f32; K]> for Errors<K> {
    const ZERO: Self = Self { squares: [0.0; K], loss: 0.0, count: 0 };
    const FIGURE: [&'static str; 2] = ["error", ""];

    fn persist(&mut self, archive: &mut Archive) {
        archive.any(&mut self.squares);
        archive.any(core::slice::from_mut(&mut self.loss));
        archive.count(&mut self.count);
    }

    fn push_loss(&mut self, loss: f32) {
        self.loss += loss;
        self.count += 1;
    }

    fn push(&mut self, loss: f32, target: &[f32; K], output: &[f32]) {
        self.push_loss(loss);
        for ((square, target), output) in self.squares.iter_mut().zip(target).zip(output) {
            *square += (output - target) * (output - target);
        }
    }

    fn loss(&self) -> f32 {
        self.loss / self.count.max(1) as f32
    }

    fn count(&self) -> u32 {
        self.count
    }

    fn figure(&self) -> f32 {
        self.root(self.squares.iter().fold(0.0, |sum, square| sum + square), K)
    }

    fn shown(&self) -> Fixed {
        Fixed(self.figure(), 4)
    }

    fn details<B: Board>(&self, board: &mut B, names: &[&'static str]) {
        for (square, name) in self.squares.iter().zip(names) {
            let (name, root) = (Name(name), Fixed(self.root(*square, 1), 4));
            line(board, format_args!("{name}: root mean squared error {root} deviations"));
        }
    }

    fn summary<B: Board>(&self, board: &mut B, what: &'static str) {
        let (error, samples, what) = (self.shown(), Count(self.count as usize), Name(what));
        line(board, format_args!("test: root mean squared error {error} deviations over {samples} {what}"));
    }

    fn confidence(_: &[f32]) -> Option<f32> {
        None
    }

    fn answer<B: Board>(board: &mut B, names: &[&'static str], output: &[f32]) {
        for (value, name) in output.iter().zip(names) {
            let (sign, value, name) = (Name(if *value < 0.0 { "-" } else { "" }), Fixed(value.abs(), 4), Name(name));
            line(board, format_args!("{name}: {sign}{value} deviations from the mean"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_roots_of_mean_squares() {
        let mut errors = Errors::<2>::ZERO;
        errors.push(0.5, &[1.0, 0.0], &[0.0, 0.0]);
        errors.push(1.5, &[1.0, 2.0], &[1.0, -1.0]);
        assert_eq!((errors.loss(), errors.count(), errors.figure()), (1.0, 2, libm::sqrtf(10.0 / 4.0)));
        assert_eq!(errors.root(errors.squares[0], 1), libm::sqrtf(0.5));
    }
}
