//! Several windows of a stream that decide together.

use crate::nn::loss::classes::log_probabilities;

/// The mean of the logarithms of probabilities over the last `WINDOWS` windows of a stream, of which each has `K` outputs: what a person
/// does lasts longer than a window.
///
/// ```
/// use trainlet::metrics::Votes;
/// use trainlet::nn::loss::classes::class;
///
/// let mut votes = Votes::<3, 5>::ZERO;
/// for outputs in [[4.0, 0.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.5, 0.0]] {
///     let together = votes.push(&outputs);
///     assert_eq!(class(&together), 0); // The last window alone would say 1.
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Votes<const K: usize, const WINDOWS: usize> {
    /// `[window][output]`, the oldest at `next` once all of them are there.
    logarithms: [[f32; K]; WINDOWS],
    next: usize,
    filled: usize,
}

impl<const K: usize, const WINDOWS: usize> Votes<K, WINDOWS> {
    /// No windows yet.
    pub const ZERO: Self = {
        assert!(WINDOWS > 0, "a vote needs a window: write 1 or more for WINDOWS");
        Self { logarithms: [[0.0; K]; WINDOWS], next: 0, filled: 0 }
    };

    /// Takes the outputs for the next window, and gives what the last ones say together: as if it were the outputs for one window.
    pub fn push(&mut self, outputs: &[f32; K]) -> [f32; K] {
        let mut logarithms = *outputs;
        log_probabilities(&mut logarithms);
        if let Some(oldest) = self.logarithms.get_mut(self.next) {
            *oldest = logarithms;
        }
        self.next = if self.next + 1 < WINDOWS { self.next + 1 } else { 0 };
        self.filled = WINDOWS.min(self.filled + 1);
        let mut sum = [0.0; K];
        for window in self.logarithms.iter().take(self.filled) {
            sum.iter_mut().zip(window).for_each(|(sum, x)| *sum += x);
        }
        sum.map(|sum| sum / self.filled as f32)
    }

    /// Forgets all windows, as when another person puts the device on.
    pub fn clear(&mut self) {
        (self.next, self.filled) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::loss::classes::probability;

    #[test]
    fn the_last_windows_count_and_no_others() {
        let outputs = [[9.0, -9.0], [1.0, 0.0], [0.0, 3.0], [0.5, 0.0]];
        let log = |outputs: &[f32; 2], class| libm::logf(probability(outputs, class));
        let mut votes = Votes::<2, 3>::ZERO;
        let mut last = [0.0; 2];
        outputs.iter().for_each(|outputs| last = votes.push(outputs));
        for class in 0..2 {
            let mean = outputs[1..].iter().map(|outputs| log(outputs, class)).sum::<f32>() / 3.0;
            assert!((last[class] - mean).abs() < 1e-5, "{last:?}");
        }
        votes.clear();
        let alone = votes.push(&outputs[2]);
        assert!((0..2).all(|class| (alone[class] - log(&outputs[2], class)).abs() < 1e-6));
    }
}
