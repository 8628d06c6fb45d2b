//! Why a board refuses a request.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::message::VERSION;
use crate::core::setting::OutOfRange;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// The board speaks this version of the messages.
    Version(u8),
    /// There is no such session: the board has restarted, or another host has greeted it.
    NoSession,
    /// No run has been started.
    NoRun,
    /// Values beyond the end, or not a whole number of them.
    OutOfRange,
    /// A value that is not a finite number.
    NotFinite,
    /// No loss is defined for this label.
    InvalidTarget,
    /// A loss option that the network's loss does not have.
    NoSuchOption,
    /// Weights cannot be replaced, and no run saved, while samples wait for a step.
    SamplesWaiting,
    /// The weights that were written have another CRC-32: some are missing or old.
    WrongChecksum,
    /// Weights cannot be put in place before some have been written.
    NoWeights,
    /// A run cannot have the number 0, which stands for none.
    RunZero,
    /// No sample has been written since the greeting, the start of the run or the last new weights.
    NoSample,
    /// A step without a sample since the last one.
    NoSamples,
    /// A setting, or a deviation, that is out of its range.
    Setting(OutOfRange),
    /// The board keeps no checkpoints.
    NoStore,
    /// The flash has failed.
    FlashFailed,
    /// The flash has other contents than were written. The save before is still there.
    FlashWorn,
    /// A checkpoint is too large for the board's store.
    SlotTooSmall {
        /// Bytes of the checkpoint.
        needed: u32,
        /// Bytes that a slot has room for.
        capacity: u32,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "it speaks version {version} of the messages, not {VERSION}"),
            Self::NoSession => {
                f.write_str("it does not know this session: it has restarted, or another host has greeted it")
            }
            Self::NoRun => f.write_str("no run has been started"),
            Self::OutOfRange => f.write_str("values beyond the end, or not a whole number of them"),
            Self::NotFinite => f.write_str("a value is not a finite number"),
            Self::InvalidTarget => f.write_str("no loss is defined for this label"),
            Self::NoSuchOption => f.write_str("its loss does not have such an option"),
            Self::SamplesWaiting => {
                f.write_str("weights cannot be replaced, and no run saved, while samples wait for a step")
            }
            Self::Setting(error) => error.fmt(f),
            Self::NoWeights => f.write_str("no weights have been written that could be put in place"),
            Self::RunZero => f.write_str("a run needs a number other than 0"),
            Self::NoSample => f.write_str("no sample has been written"),
            Self::NoSamples => f.write_str("a step needs samples: accumulate some first"),
            Self::NoStore => f.write_str("it has no flash to keep a run in"),
            Self::FlashFailed => f.write_str("its flash has failed"),
            Self::FlashWorn => f.write_str(
                "its flash has other contents than were written, and may be worn out; the save before is still there",
            ),
            Self::SlotTooSmall { needed, capacity } => {
                write!(
                    f,
                    "a save needs {needed} bytes, a slot of its flash has room for {capacity}: give each slot more"
                )
            }
            Self::WrongChecksum => f.write_str("the weights that came have another CRC-32; send them again"),
        }
    }
}

impl core::error::Error for Refusal {}
