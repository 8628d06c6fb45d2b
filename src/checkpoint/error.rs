//! Why a checkpoint is not written or read.

use core::fmt;

use super::VERSION;
use crate::core::archive::Failure;

/// Why a checkpoint is not written or read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error<E> {
    /// The medium has failed. If that happens while values are put in place, after all of them have been looked at, some of them
    /// are old: start the trainer anew.
    Medium(E),
    /// The medium has no room for it.
    Full,
    /// The bytes are no checkpoint.
    Foreign,
    /// It has been written in this version of the format.
    Version(u32),
    /// It is of another network.
    Network,
    /// It is of this network, but of another trainer, optimiser, state or program.
    Kept,
    /// Its end is missing.
    Cut,
    /// Bytes have changed since it was written.
    Damaged,
    /// A value cannot be kept, or cannot have been.
    Value(Failure),
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Medium(error) => error.fmt(f),
            Self::Full => f.write_str("there is no room for the checkpoint"),
            Self::Foreign => f.write_str("this is no checkpoint"),
            Self::Version(version) => {
                write!(f, "this checkpoint has version {version} of the format; this program reads version {VERSION}")
            }
            Self::Network => f.write_str("this checkpoint is of another network"),
            Self::Kept => f.write_str(
                "this checkpoint is of the same network, but of another trainer, optimiser or state: read it with what has written it",
            ),
            Self::Cut => f.write_str("the end of this checkpoint is missing"),
            Self::Damaged => f.write_str("this checkpoint is damaged: its checksum is wrong"),
            Self::Value(failure) => failure.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}
