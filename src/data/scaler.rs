//! Standardisation of features.

use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};
use crate::core::standardise::standardise;
use crate::core::sum::Sum;
use crate::kernels::arch::sqrt;

/// Brings each of `F` features to mean 0 and standard deviation 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scaler<const F: usize> {
    /// Mean of each feature, in the feature's unit.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub mean: [f32; F],
    /// Population standard deviation of each feature, in the feature's unit; 0 for a feature that never changes.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub std: [f32; F],
}

impl<const F: usize> Settings for Scaler<F> {
    fn visit(&mut self, archive: &mut Archive) {
        archive.settings(Setting::Mean, &mut self.mean);
        archive.settings(Setting::Deviation, &mut self.std);
    }
}

impl<const F: usize> Scaler<F> {
    /// Fitted on nothing: every feature becomes 0.
    pub const ZERO: Self = {
        assert!(F > 0, "there is nothing to scale: write 1 or more for F");
        Self { mean: [0.0; F], std: [0.0; F] }
    };

    /// `(x - mean) / std` in place. A feature whose standard deviation is 0 says nothing and becomes 0.
    pub fn apply(&self, row: &mut [f32; F]) {
        for ((x, mean), &std) in row.iter_mut().zip(&self.mean).zip(&self.std) {
            *x = standardise(*x, *mean, std);
        }
    }
}

/// Fits a [`Scaler`] in one pass over the rows (Welford 1962), with as much accuracy after 50,000 rows as after 50.
///
/// Values must be finite, and so must their deviations from the mean.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScalerFit<const F: usize> {
    count: u32,
    mean: [Sum; F],
    /// Sum of squared deviations from the mean, in units of `unit` squared.
    squares: [Sum; F],
    /// The power of two below the largest deviation so far; without it the squares of small deviations would vanish, and
    /// those of large ones overflow.
    unit: [f32; F],
}

impl<const F: usize> ScalerFit<F> {
    /// No rows yet.
    pub const ZERO: Self = {
        assert!(F > 0, "there is nothing to fit: write 1 or more for F");
        Self { count: 0, mean: [Sum::ZERO; F], squares: [Sum::ZERO; F], unit: [0.0; F] }
    };

    /// Takes one row into account.
    pub fn push(&mut self, row: &[f32; F]) {
        self.count = self.count.saturating_add(1);
        let count = self.count as f32;
        let sums = self.mean.iter_mut().zip(&mut self.squares).zip(&mut self.unit);
        for (&x, ((mean, squares), unit)) in row.iter().zip(sums) {
            push(x, count, mean, squares, unit);
        }
    }

    /// Number of rows so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Shows all sums to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.count(&mut self.count);
        let sums = self.mean.iter_mut().chain(&mut self.squares);
        sums.for_each(|sum| sum.persist(archive));
        archive.any(&mut self.unit);
    }

    /// The scaler of the rows so far; [`Scaler::ZERO`] if there were none.
    pub fn finish(&self) -> Scaler<F> {
        let count = self.count.max(1) as f32;
        Scaler {
            mean: self.mean.map(|mean| mean.value()),
            std: core::array::from_fn(|f| sqrt(self.squares[f].value() / count) * self.unit[f]),
        }
    }
}

/// [`ScalerFit::push`] for one feature.
#[inline(never)]
fn push(x: f32, count: f32, mean: &mut Sum, squares: &mut Sum, unit: &mut f32) {
    let before = mean.subtracted_from(x);
    mean.add(before / count);
    let needed = power_of_two_below(before.abs());
    if needed > *unit {
        let ratio = *unit / needed;
        *squares = squares.scaled(ratio * ratio);
        *unit = needed;
    }
    // A power of two: the divisions do not round.
    squares.add((before / *unit) * (mean.subtracted_from(x) / *unit));
}

/// The largest power of two that is not above a positive number, but at least the smallest normal one.
fn power_of_two_below(x: f32) -> f32 {
    f32::from_bits(x.to_bits() & f32::INFINITY.to_bits()).max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    /// Mean and population standard deviation in `f64`, two passes.
    fn reference(values: &[f32]) -> (f64, f64) {
        let count = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
        (mean, variance.sqrt())
    }

    fn fit(values: &[f32]) -> Scaler<1> {
        let mut fit = ScalerFit::ZERO;
        values.iter().for_each(|&x| fit.push(&[x]));
        assert_eq!(fit.count() as usize, values.len());
        fit.finish()
    }

    #[test]
    fn fifty_thousand_rows_agree_with_double_precision() {
        let mut stream = Key::new(1, Purpose::Init).stream();
        let uniform: Vec<f32> = (0..50_000).map(|_| stream.uniform()).collect();
        let rising = (0..50_000).map(|i| i as f32 * 0.37 - 3.0);
        let far_away = uniform.iter().map(|u| 1e4 + u);
        let outlier = uniform.iter().enumerate().map(|(i, u)| if i == 700 { 1e9 } else { u - 0.5 });
        for values in [uniform.clone(), rising.collect(), far_away.collect(), outlier.collect::<Vec<_>>()] {
            let ((mean, std), got) = (reference(&values), fit(&values));
            // One f32 is half a unit in the last place off at best, which is 6e-8 of the value itself.
            let mean_error = (f64::from(got.mean[0]) - mean).abs();
            assert!(mean_error < 1e-7 * std + 6e-8 * mean.abs(), "mean {mean} {got:?}");
            assert!((f64::from(got.std[0]) / std - 1.0).abs() < 1.2e-7, "std {std} {got:?}");
        }
    }

    /// From the smallest numbers to the largest, and both in one column.
    #[test]
    fn no_scale_is_too_small_or_too_large() {
        for scale in [1e-44, 1e-38, 1e-30, 1.9197404e-21, 1e-10, 1e10, 1e19, 1e25, 1e37] {
            for values in [[scale, 0.0, 0.0], [0.0, scale, -scale], [3.0 * scale, 5.0 * scale, 7.5 * scale]] {
                let ((mean, std), got) = (reference(&values), fit(&values));
                let tiny = f64::from(f32::from_bits(2));
                assert!(
                    (f64::from(got.mean[0]) - mean).abs() < 1e-7 * std + 6e-8 * mean.abs() + tiny,
                    "{values:?} {got:?}"
                );
                assert!((f64::from(got.std[0]) - std).abs() < 1.3e-7 * std + tiny, "{values:?}: {std:e} {got:?}");
            }
        }
        let both = [1e-30, -1e-30, 1e30, -1e30];
        assert!((f64::from(fit(&both).std[0]) / reference(&both).1 - 1.0).abs() < 1.3e-7);
    }

    #[test]
    fn scaled_rows_have_mean_0_and_deviation_1() {
        let rows: Vec<[f32; 2]> = (0..97).map(|i| [i as f32, 5.0 - (i * i) as f32]).collect();
        let mut fit = ScalerFit::ZERO;
        rows.iter().for_each(|row| fit.push(row));
        let scaler = fit.finish();
        for feature in 0..2 {
            let scaled: Vec<f32> = rows
                .iter()
                .map(|&row| {
                    let mut row = row;
                    scaler.apply(&mut row);
                    row[feature]
                })
                .collect();
            let (mean, std) = reference(&scaled);
            assert!(mean.abs() < 1e-6 && (std - 1.0).abs() < 1e-6, "{mean} {std}");
        }
    }

    #[test]
    fn a_constant_feature_becomes_0_whatever_it_is_later() {
        let scaler = fit(&[0.1; 1000]);
        assert_eq!(scaler, Scaler { mean: [0.1], std: [0.0] });
        for x in [0.1, 7.0, f32::INFINITY] {
            let mut row = [x];
            scaler.apply(&mut row);
            assert_eq!(row, [0.0]);
        }
    }

    #[test]
    fn no_rows_give_zeros() {
        assert_eq!(ScalerFit::<3>::ZERO.finish(), Scaler::ZERO);
    }
}
