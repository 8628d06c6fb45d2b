//! Long sums of `f32`.

use crate::core::archive::Archive;

/// A sum in two words, the second of which takes up what rounding cuts off the first (Dekker 1971): its error does
/// not grow with the number of terms as that of a plain sum does. Meaningless once it overflows.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sum {
    high: f32,
    low: f32,
}

impl Sum {
    /// The empty sum.
    pub const ZERO: Self = Self { high: 0.0, low: 0.0 };

    /// Shows both words to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.any(core::slice::from_mut(&mut self.high));
        archive.any(core::slice::from_mut(&mut self.low));
    }

    /// Adds a term.
    pub fn add(&mut self, term: f32) {
        let sum = self.high + term;
        // What `sum` lacks, exactly, whichever of the two is larger (Knuth's TwoSum).
        let part = sum - self.high;
        let low = self.low + ((self.high - (sum - part)) + (term - part));
        self.high = sum + low;
        self.low = low - (self.high - sum);
    }

    /// The sum of all terms times `factor`; exact if that is a power of two and nothing becomes too small for it.
    pub fn scaled(&self, factor: f32) -> Self {
        Self { high: self.high * factor, low: self.low * factor }
    }

    /// The sum, rounded once.
    pub fn value(&self) -> f32 {
        self.high + self.low
    }

    /// `minuend` - sum, without rounding the sum first.
    pub fn subtracted_from(&self, minuend: f32) -> f32 {
        (minuend - self.high) - self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_terms_are_not_lost_beside_a_large_one() {
        let mut sum = Sum::ZERO;
        sum.add(16_777_216.0);
        (0..1_000_000).for_each(|_| sum.add(0.1));
        assert_eq!(sum.value(), (16_777_216.0 + 1e6 * f64::from(0.1f32)) as f32);
        assert!(sum.subtracted_from(16_877_216.0).abs() < 0.02, "less than 2 % of a unit in the last place");
    }

    #[test]
    fn a_large_term_may_come_last_and_cancel() {
        let mut sum = Sum::ZERO;
        [1.0, 1e10, 0.25, -1e10].into_iter().for_each(|term| sum.add(term));
        assert_eq!(sum.value(), 1.25);
    }
}
