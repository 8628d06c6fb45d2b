//! Settings and their ranges: each value is looked at once, where it is set.

use core::fmt;

use crate::core::archive::{Archive, Failure};

/// A value that somebody sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[allow(missing_docs, reason = "the fields that they stand for say it")]
#[non_exhaustive]
pub enum Setting {
    Rate,
    LeastRate,
    Beta,
    Epsilon,
    WeightDecay,
    Momentum,
    Dampening,
    Clip,
    LabelSmoothing,
    PosWeight,
    OutputWeight,
    Dropout,
    StochasticDepth,
    Rho,
    Sparsity,
    Exchange,
    Noise,
    NoiseGate,
    Gamma,
    AverageWidth,
    Threshold,
    Reach,
    Scale,
    Mean,
    Deviation,
    Edge,
    Start,
    Pull,
    DriftDelta,
    DriftThreshold,
    DriftAlpha,
    Rotation,
    Speed,
    Gain,
    Jitter,
}

/// Which values a setting may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Range {
    /// Any finite number.
    Finite,
    /// A finite number, at least 0.
    NotNegative,
    /// A finite number above 0.
    Positive,
    /// At least 0 and at most 1.
    Share,
    /// At least 0 and below 1.
    BelowOne,
    /// At least 0.01 and at most 0.25.
    Width,
    /// A finite number, at least 1.
    FromOne,
}

impl Setting {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "learning rate",
            Self::LeastRate => "least learning rate",
            Self::Beta => "beta",
            Self::Epsilon => "epsilon",
            Self::WeightDecay => "weight decay",
            Self::Momentum => "momentum",
            Self::Dampening => "dampening",
            Self::Clip => "largest norm of a gradient",
            Self::LabelSmoothing => "label smoothing",
            Self::PosWeight => "weight of the positive class",
            Self::OutputWeight => "weight of an output",
            Self::Dropout => "dropout",
            Self::StochasticDepth => "stochastic depth",
            Self::Rho => "rho",
            Self::Sparsity => "sparsity",
            Self::Exchange => "share of exchanged weights",
            Self::Noise => "deviation of the noise",
            Self::NoiseGate => "gate of the noise",
            Self::Gamma => "gamma of the average",
            Self::AverageWidth => "width of the average",
            Self::Threshold => "threshold of the monitor",
            Self::Reach => "reach of the probe",
            Self::Scale => "scale of an input",
            Self::Mean => "mean of an input",
            Self::Deviation => "deviation of an input",
            Self::Edge => "quantile of an input",
            Self::Start => "distance at the start",
            Self::Pull => "pull towards the anchor",
            Self::DriftDelta => "delta of the drift",
            Self::DriftThreshold => "threshold of the drift",
            Self::DriftAlpha => "alpha of the drift",
            Self::Rotation => "deviation of the rotation",
            Self::Speed => "largest factor on the speed",
            Self::Gain => "deviation of the scale",
            Self::Jitter => "deviation of the jitter",
        }
    }

    /// Which values it may have.
    pub const fn range(self) -> Range {
        match self {
            Self::Scale | Self::Mean | Self::Edge => Range::Finite,
            Self::Rate | Self::Epsilon | Self::Clip | Self::PosWeight | Self::Reach | Self::Start => Range::Positive,
            Self::Dampening | Self::Sparsity | Self::Exchange | Self::DriftAlpha | Self::Rotation | Self::Gain => {
                Range::Share
            }
            Self::Beta | Self::Momentum | Self::LabelSmoothing | Self::Dropout | Self::StochasticDepth => {
                Range::BelowOne
            }
            Self::AverageWidth => Range::Width,
            Self::Speed => Range::FromOne,
            Self::LeastRate
            | Self::WeightDecay
            | Self::OutputWeight
            | Self::Rho
            | Self::Noise
            | Self::NoiseGate
            | Self::Gamma
            | Self::Threshold
            | Self::Pull
            | Self::Deviation
            | Self::DriftDelta
            | Self::DriftThreshold
            | Self::Jitter => Range::NotNegative,
        }
    }

    /// Looks at a value.
    ///
    /// # Errors
    /// It is not in the range.
    pub fn check(self, value: f32) -> Result<(), OutOfRange> {
        if self.range().contains(value) { Ok(()) } else { Err(OutOfRange { setting: self, value }) }
    }
}

impl Range {
    /// Whether a value is within.
    pub fn contains(self, value: f32) -> bool {
        /// The smallest number above 0, and the largest below 1.
        const ABOVE_ZERO: f32 = f32::from_bits(1);
        const BELOW_ONE: f32 = 1.0 - f32::EPSILON / 2.0;
        let [least, most] = match self {
            Self::Finite => [f32::MIN, f32::MAX],
            Self::NotNegative => [0.0, f32::MAX],
            Self::Positive => [ABOVE_ZERO, f32::MAX],
            Self::Share => [0.0, 1.0],
            Self::BelowOne => [0.0, BELOW_ONE],
            Self::Width => [0.01, 0.25],
            Self::FromOne => [1.0, f32::MAX],
        };
        least <= value && value <= most
    }

    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Finite => "finite",
            Self::NotNegative => "at least 0 and finite",
            Self::Positive => "above 0 and finite",
            Self::Share => "between 0 and 1",
            Self::BelowOne => "at least 0 and below 1",
            Self::Width => "between 0.01 and 0.25",
            Self::FromOne => "at least 1 and finite",
        }
    }
}

/// A setting with a value that it may not have.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OutOfRange {
    /// Which.
    pub setting: Setting,
    /// Its value.
    pub value: f32,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, value } = self;
        write!(f, "the {} is {value}, but must be {}", setting.name(), setting.range().text())
    }
}

impl core::error::Error for OutOfRange {}

/// Settings that belong together, such as those of an optimiser or a loss. What has nothing to set needs no more than
/// `impl Settings for MyLoss {}`.
pub trait Settings: Clone {
    /// Shows each value to `archive`: the numbers by their [`Setting`], so that their ranges are looked at, and all else that a run
    /// must keep to go on.
    fn visit(&mut self, _archive: &mut Archive) {}

    /// Looks at each value.
    ///
    /// # Errors
    /// The first that is not in its range.
    fn check(&self) -> Result<(), OutOfRange> {
        checked(|archive| self.clone().visit(archive))
    }
}

/// Looks at the values that `visit` shows.
pub(crate) fn checked(visit: impl FnOnce(&mut Archive)) -> Result<(), OutOfRange> {
    let mut archive = Archive::check();
    visit(&mut archive);
    match archive.result() {
        Err(Failure::Setting(error)) => Err(error),
        // Nothing else can fail: no value is written or read.
        _ => Ok(()),
    }
}

impl Settings for () {}

impl<A: Settings, B: Settings> Settings for (A, B) {
    fn visit(&mut self, archive: &mut Archive) {
        self.0.visit(archive);
        self.1.visit(archive);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn ranges_end_where_they_say() {
        let inside = [
            (Range::Finite, &[f32::MIN, -0.0, f32::MAX][..]),
            (Range::NotNegative, &[0.0, -0.0, 1e-45, f32::MAX]),
            (Range::Positive, &[1e-45, 1.0, f32::MAX]),
            (Range::Share, &[0.0, 0.5, 1.0]),
            (Range::BelowOne, &[0.0, 0.999_999_94]),
            (Range::Width, &[0.01, 0.1, 0.25]),
            (Range::FromOne, &[1.0, f32::MAX]),
        ];
        let outside = [
            (Range::Finite, &[f32::INFINITY, f32::NEG_INFINITY][..]),
            (Range::NotNegative, &[-1e-45, f32::INFINITY]),
            (Range::Positive, &[0.0, -0.0, -1.0, f32::INFINITY]),
            (Range::Share, &[-1e-45, 1.000_000_1]),
            (Range::BelowOne, &[-1e-45, 1.0]),
            (Range::Width, &[0.009_9, 0.250_01, 0.0]),
            (Range::FromOne, &[0.999_999_94, f32::INFINITY]),
        ];
        for (range, values) in inside {
            assert!(values.iter().all(|value| range.contains(*value)), "{range:?}");
        }
        for (range, values) in outside {
            assert!(values.iter().chain(&[f32::NAN]).all(|value| !range.contains(*value)), "{range:?}");
        }
    }

    #[test]
    fn an_error_names_the_setting_the_value_and_the_range() {
        let error = checked(|archive| {
            archive.settings(Setting::Beta, &mut [0.9, 1.0, 2.0]);
            archive.setting(Setting::Rate, &mut -1.0);
        })
        .unwrap_err();
        assert_eq!(error, OutOfRange { setting: Setting::Beta, value: 1.0 });
        assert_eq!(error.to_string(), "the beta is 1, but must be at least 0 and below 1");
        assert!(size_of::<Result<(), OutOfRange>>() <= 8);
    }
}
