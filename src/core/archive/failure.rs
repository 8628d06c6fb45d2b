//! Why values cannot be written or read.

use core::fmt;

use crate::core::setting::OutOfRange;

/// Why values cannot be written or read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure {
    /// A setting is out of its range.
    Setting(OutOfRange),
    /// A weight, a moment or an average that is not a finite number.
    NotFinite,
    /// It names a choice that there is not, or has more or fewer bytes than its values.
    Malformed,
    /// Samples wait for a step; only whole steps are kept.
    SamplesWaiting,
    /// It keeps its state elsewhere, such as on a board at the other end of a line.
    Elsewhere,
    /// The medium has failed.
    Medium,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(error) => error.fmt(f),
            Self::NotFinite => f.write_str("a weight or a moment is not a finite number"),
            Self::Malformed => f.write_str("its contents are not what this program writes"),
            Self::SamplesWaiting => {
                f.write_str("samples wait for a step: make it, or forget them, before the run is kept")
            }
            Self::Elsewhere => f.write_str("the state of this run is kept elsewhere: on the board that trains"),
            Self::Medium => f.write_str("the medium has failed"),
        }
    }
}

impl core::error::Error for Failure {}
