//! Why a state is not kept or found.

use core::fmt;

use super::FlashError;
use crate::checkpoint;

/// Why a state is not kept or found.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error<E> {
    /// The range does not begin and end with erase blocks of the flash, or has not one for each of at least two slots.
    Area,
    /// The flash has failed.
    Flash(E),
    /// The flash has other contents than were written: it may be worn out. The save before is still there.
    Worn,
    /// A slot has room for fewer bytes.
    TooLarge {
        /// Bytes of the checkpoint.
        needed: u32,
        /// Bytes that a slot has room for.
        capacity: u32,
    },
    /// What was kept is of something else, or cannot be kept.
    Checkpoint(checkpoint::Error<core::convert::Infallible>),
}

impl<E> From<checkpoint::Error<FlashError<E>>> for Error<E> {
    fn from(error: checkpoint::Error<FlashError<E>>) -> Self {
        use checkpoint::Error as Why;
        Self::Checkpoint(match error {
            Why::Medium(FlashError(error)) => return Self::Flash(error),
            Why::Full => Why::Full,
            Why::Foreign => Why::Foreign,
            Why::Version(version) => Why::Version(version),
            Why::Network => Why::Network,
            Why::Kept => Why::Kept,
            Why::Cut => Why::Cut,
            Why::Damaged => Why::Damaged,
            Why::Value(failure) => Why::Value(failure),
        })
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Area => f.write_str(
                "a store needs whole erase blocks of the flash, at least one for each of at least two slots",
            ),
            Self::Flash(error) => write!(f, "the flash has failed: {error:?}"),
            Self::Worn => f.write_str("the flash has other contents than were written: it may be worn out"),
            Self::TooLarge { needed, capacity } => {
                write!(
                    f,
                    "a save needs {needed} bytes, a slot has room for {capacity}: give each slot more erase blocks"
                )
            }
            Self::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
