//! Errors of a step of two passes.

use core::fmt;

use crate::nn::loss::InvalidTarget;

/// Calls in a wrong order, or an invalid target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SamError {
    /// A perturbation without a sample.
    NoSamples,
    /// A second perturbation.
    AlreadyPerturbed,
    /// A step without a perturbation.
    NotPerturbed,
    /// Passes over different numbers of samples.
    OtherSamples {
        /// Samples of the first pass.
        first: u32,
        /// Samples of the second.
        second: u32,
    },
    /// A target that the loss does not know.
    Target(InvalidTarget),
}

impl fmt::Display for SamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSamples => {
                f.write_str("there is no gradient to perturb by: accumulate the samples of the step first")
            }
            Self::AlreadyPerturbed => {
                f.write_str("the step has perturbed already: accumulate the same samples again, and then make the step")
            }
            Self::NotPerturbed => {
                f.write_str("the step needs two passes: accumulate its samples, perturb, and accumulate them again")
            }
            Self::OtherSamples { first, second } => write!(
                f,
                "both passes need the same samples, but the first had {first} and the second has {second}: accumulate the \
                 rest, or begin anew with zero_grad"
            ),
            Self::Target(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SamError {}

impl From<InvalidTarget> for SamError {
    fn from(error: InvalidTarget) -> Self {
        Self::Target(error)
    }
}
