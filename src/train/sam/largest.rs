//! The largest of many numbers, without sorting them.

/// The `count` largest of many scores; of equal ones, the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Largest {
    /// The smallest score among them.
    least: u32,
    /// How many scores that are equal to it are among them.
    equal: usize,
}

/// Bits that are decided in one pass through the scores.
const DIGIT: u32 = 6;

impl Largest {
    /// Counts the scores by their leading digit, finds the digit of the last of the largest, and continues with the next digit
    /// among those; the counts take 256 bytes of stack.
    pub fn new(scores: impl Iterator<Item = u32> + Clone, count: usize) -> Self {
        if count == 0 {
            return Self { least: u32::MAX, equal: 0 };
        }
        let (mut least, mut known, mut equal) = (0, 0, count);
        for shift in (0..=30).rev().step_by(DIGIT as usize) {
            let mut counts = [0; 1 << DIGIT];
            for score in scores.clone().filter(|score| score & known == least) {
                if let Some(count) = counts.get_mut((score >> shift) as usize % (1 << DIGIT)) {
                    *count += 1;
                }
            }
            let mut digit = 1_u32 << DIGIT;
            for count in counts.iter().rev() {
                digit -= 1;
                if equal <= *count {
                    break;
                }
                equal -= count;
            }
            least |= digit << shift;
            known |= ((1 << DIGIT) - 1) << shift;
        }
        Self { least, equal }
    }

    /// Whether a score is among the largest; to be asked once for each, in their order.
    pub fn includes(&mut self, score: u32) -> bool {
        let tie = score == self.least && self.equal > 0;
        self.equal -= usize::from(tie);
        tie || score > self.least
    }
}

/// The magnitude of a number as a score: the larger, the larger. No number comes last.
pub fn magnitude(x: &f32) -> u32 {
    x.to_bits() & (u32::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    fn taken(values: &[f32], count: usize) -> Vec<usize> {
        let mut largest = Largest::new(values.iter().map(magnitude), count);
        (0..values.len()).filter(|index| largest.includes(magnitude(&values[*index]))).collect()
    }

    #[test]
    fn it_finds_what_sorting_finds() {
        let mut stream = Key::new(1, Purpose::Order).stream();
        for length in [1, 2, 33, 500] {
            for levels in [1.0, 3.0, 1e7] {
                let values: Vec<f32> =
                    (0..length).map(|_| libm::roundf((stream.uniform() - 0.5) * levels) * 1e-3).collect();
                let mut order: Vec<_> = (0..length).collect();
                order.sort_by(|a, b| values[*b].abs().total_cmp(&values[*a].abs()).then(a.cmp(b)));
                for count in [0, 1, length / 3, length / 2, length - 1, length] {
                    let mut expected = order[..count].to_vec();
                    expected.sort_unstable();
                    assert_eq!(taken(&values, count), expected, "{count} of {length}, {levels}");
                }
            }
        }
    }

    #[test]
    fn extremes_are_in_their_places() {
        let values = [0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, -1e-45, 1.0];
        assert_eq!(taken(&values, 1), [3]);
        assert_eq!(taken(&values, 4), [2, 3, 4, 5]);
        assert_eq!(taken(&values, 5), [0, 2, 3, 4, 5]);
    }
}
