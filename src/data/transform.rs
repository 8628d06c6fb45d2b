//! Heavy-tailed features: logarithm first, then standardisation.

use super::scaler::{Scaler, ScalerFit};
use crate::core::archive::Archive;
use crate::core::setting::Settings;

/// sign(x) ln(1 + |x|): the identity near 0, a logarithm far from it, for features that span orders of magnitude.
pub fn signed_log1p(x: f32) -> f32 {
    libm::copysignf(libm::log1pf(x.abs()), x)
}

/// A [`Scaler`] of which some features pass through [`signed_log1p`] first.
///
/// With the feature `serde` a board can keep it, or get it from a desktop: postcard writes it without an allocator, always in
/// `9 F` bytes. What was read is [checked](Settings::check) before it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transform<const F: usize> {
    /// Which features pass through the logarithm.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub log: [bool; F],
    /// Mean and standard deviation after the logarithm.
    pub scaler: Scaler<F>,
}

impl<const F: usize> Settings for Transform<F> {
    fn visit(&mut self, archive: &mut Archive) {
        self.log.iter_mut().for_each(|log| archive.flag(log));
        self.scaler.visit(archive);
    }
}

impl<const F: usize> Transform<F> {
    /// Maps and standardises one row in place.
    pub fn apply(&self, row: &mut [f32; F]) {
        map(&self.log, row);
        self.scaler.apply(row);
    }
}

/// Fits a [`Transform`] in one pass over the rows; see [`ScalerFit`].
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransformFit<const F: usize> {
    log: [bool; F],
    fit: ScalerFit<F>,
}

impl<const F: usize> TransformFit<F> {
    /// No rows yet; `log` says which features pass through the logarithm.
    pub const fn new(log: [bool; F]) -> Self {
        Self { log, fit: ScalerFit::ZERO }
    }

    /// Takes one row of raw values into account.
    pub fn push(&mut self, row: &[f32; F]) {
        let mut row = *row;
        map(&self.log, &mut row);
        self.fit.push(&row);
    }

    /// The transform of the rows so far.
    pub fn finish(&self) -> Transform<F> {
        Transform { log: self.log, scaler: self.fit.finish() }
    }
}

fn map<const F: usize>(log: &[bool; F], row: &mut [f32; F]) {
    for (x, _) in row.iter_mut().zip(log).filter(|(_, log)| **log) {
        *x = signed_log1p(*x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_log_is_odd_and_exact_at_both_ends() {
        for x in [0.0, 1e-9, 3e-6, 0.5, 1.0, 4.3e9, f32::MAX] {
            let expected = f64::from(x).ln_1p();
            assert!((f64::from(signed_log1p(x)) - expected).abs() <= 1.2e-7 * expected, "{x}");
            assert_eq!(signed_log1p(-x), -signed_log1p(x));
        }
    }

    #[test]
    fn only_the_chosen_features_pass_through_the_logarithm() {
        let mut fit = TransformFit::new([true, false]);
        // ln(1 + (e^1 - 1)) = 1 and ln(1 + (e^3 - 1)) = 3: mean 2, deviation 1; plain: the same without the logarithm.
        let rows = [[1.718_281_8, 1.0], [19.085_537, 3.0]];
        rows.iter().for_each(|row| fit.push(row));
        let transform = fit.finish();
        for (raw, expected) in rows.into_iter().zip([-1.0, 1.0]) {
            let mut row = raw;
            transform.apply(&mut row);
            assert!(row.iter().all(|x| (x - expected).abs() < 1e-6), "{row:?}");
        }
    }
}
