//! Whether a stream still is what it was.

use crate::core::archive::Archive;
use crate::core::setting::{OutOfRange, Setting, Settings, checked};
use crate::core::sum::Sum;

/// Which way a mean moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Change {
    /// Up, as a loss does that a network makes more of.
    Rise,
    /// Down, as the probability of the class that a network chooses.
    Fall,
}

/// Settings of a [`PageHinkley`] test, named as in `river.drift.PageHinkley`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PageHinkleyConfig {
    /// Values before anything is said; they make the first mean.
    pub min_instances: u32,
    /// Changes of the mean up to this size are none, in the unit of the values.
    pub delta: f32,
    /// The sum of deviations that is a change: the larger, the fewer false alarms, and the later a true one.
    pub threshold: f32,
    /// What is left of the sum of deviations at each value, 0 to 1; 1 forgets nothing.
    pub alpha: f32,
}

impl PageHinkleyConfig {
    /// Those of river.
    pub const DEFAULT: Self = Self { min_instances: 30, delta: 0.005, threshold: 50.0, alpha: 0.9999 };

    /// Looks at each value.
    ///
    /// # Errors
    /// The first that is not in its range.
    pub fn check(mut self) -> Result<(), OutOfRange> {
        checked(|archive| self.visit(archive))
    }
}

impl Settings for PageHinkleyConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.count(&mut self.min_instances);
        archive.setting(Setting::DriftDelta, &mut self.delta);
        archive.setting(Setting::DriftThreshold, &mut self.threshold);
        archive.setting(Setting::DriftAlpha, &mut self.alpha);
    }
}

/// Says when the mean of a stream has risen or fallen: the test of Page (1954) and Hinkley (1971).
///
/// It sums up how far values are beyond the mean of all values so far, less an allowance, and compares the sum with the least that it
/// has been. After a change it begins again, from the next value on.
///
/// ```
/// use trainlet::metrics::{Change, PageHinkley, PageHinkleyConfig};
///
/// let config = PageHinkleyConfig { threshold: 5.0, ..PageHinkleyConfig::DEFAULT };
/// let mut loss = PageHinkley::new(Change::Rise, config);
/// assert!((0..200).all(|_| !loss.push(0.2)));
/// assert!((0..10).any(|_| loss.push(1.7)));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PageHinkley {
    change: Change,
    config: PageHinkleyConfig,
    mean: Sum,
    count: u32,
    sum: Sum,
    least: f32,
}

impl PageHinkley {
    /// Looks for changes of one kind. No values yet.
    pub const fn new(change: Change, config: PageHinkleyConfig) -> Self {
        Self { change, config, mean: Sum::ZERO, count: 0, sum: Sum::ZERO, least: 0.0 }
    }

    /// Shows settings and sums to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        self.config.visit(archive);
        self.mean.persist(archive);
        archive.count(&mut self.count);
        self.sum.persist(archive);
        archive.any(core::slice::from_mut(&mut self.least));
    }

    /// Takes a value into account. `true` if the mean has changed. A value that is not finite is left out.
    pub fn push(&mut self, value: f32) -> bool {
        if !value.is_finite() {
            return false;
        }
        self.count = self.count.saturating_add(1);
        self.mean.add(self.mean.subtracted_from(value) / self.count as f32);
        let beyond = match self.change {
            Change::Rise => self.mean.subtracted_from(value),
            Change::Fall => -self.mean.subtracted_from(value),
        };
        self.sum = self.sum.scaled(self.config.alpha);
        self.sum.add(beyond - self.config.delta);
        let sum = self.sum.value();
        self.least = if self.count == 1 { sum } else { self.least.min(sum) };
        let changed = self.count >= self.config.min_instances && self.excess() > self.config.threshold;
        if changed {
            *self = Self::new(self.change, self.config);
        }
        changed
    }

    /// How far the sum is above the least that it has been: a change where this is beyond the threshold.
    pub fn excess(&self) -> f32 {
        -self.sum.subtracted_from(self.least)
    }

    /// Mean of the values since the start or the last change.
    pub fn mean(&self) -> f32 {
        self.mean.value()
    }

    /// Number of values since the start or the last change.
    pub fn count(&self) -> u32 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Spread evenly over one unit, lifted after 120 and again after 260.
    fn values() -> impl Iterator<Item = f32> {
        let lift = |i: u32| {
            if i < 120 {
                0.0
            } else if i < 260 {
                0.7
            } else {
                2.0
            }
        };
        (0..400).map(move |i| (i * 37 % 101) as f32 / 101.0 + lift(i))
    }

    fn changes(
        change: Change,
        config: PageHinkleyConfig,
        values: impl Iterator<Item = f32>,
    ) -> (Vec<usize>, PageHinkley) {
        let mut test = PageHinkley::new(change, config);
        let found = values.enumerate().filter(|(_, value)| test.push(*value)).map(|(number, _)| number);
        (found.collect(), test)
    }

    /// Settings, where changes are found, and sum and mean at the end.
    type Row = (u32, f32, f32, f32, [usize; 2], f32, f32);
    const RIVER: [Row; 4] = [
        (30, 0.005, 5.0, 0.9999, [125, 263], -0.054_438_333, 2.492_064_7),
        (30, 0.005, 20.0, 1.0, [149, 276], -1.375_650_8, 2.496_579),
        (7, 0.1, 3.0, 0.99, [124, 262], -6.939_996_1, 2.491_002_4),
        (150, 0.0, 5.0, 0.9999, [149, 299], -0.095_614_58, 2.494_653_5),
    ];

    /// Of river 0.26.1, `drift.PageHinkley`, on the same values.
    #[test]
    fn changes_are_those_of_river() {
        for (min_instances, delta, threshold, alpha, expected, sum, mean) in RIVER {
            let config = PageHinkleyConfig { min_instances, delta, threshold, alpha };
            for (change, sign) in [(Change::Rise, 1.0), (Change::Fall, -1.0)] {
                let (found, test) = changes(change, config, values().map(|value| sign * value));
                assert_eq!(found, expected, "{config:?}");
                let got = [test.sum.value(), sign * test.mean()];
                let near = got
                    .iter()
                    .zip([sum, mean])
                    .all(|(got, expected)| (got - expected).abs() < 1e-5 * expected.abs().max(1.0));
                assert!(near, "{config:?}: {got:?} instead of {sum}, {mean}");
                assert_eq!(changes(change, config, values().map(|value| -sign * value)).0, [0; 0], "the other way");
            }
        }
    }

    #[test]
    fn settings_have_their_ranges() {
        let usual = PageHinkleyConfig::DEFAULT;
        assert!(usual.check().is_ok());
        for wrong in [
            PageHinkleyConfig { delta: -0.1, ..usual },
            PageHinkleyConfig { threshold: f32::NAN, ..usual },
            PageHinkleyConfig { alpha: 1.1, ..usual },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn values_that_are_no_numbers_are_left_out() {
        let config = PageHinkleyConfig { threshold: 5.0, ..PageHinkleyConfig::DEFAULT };
        let with = values().flat_map(|value| [f32::NAN, value, f32::INFINITY]);
        let (found, test) = changes(Change::Rise, config, with);
        let (expected, plain) = changes(Change::Rise, config, values());
        assert_eq!(found.iter().map(|number| number / 3).collect::<Vec<_>>(), expected);
        assert_eq!((test.count(), test.excess()), (plain.count(), plain.excess()));
    }
}
