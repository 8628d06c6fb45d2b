//! Why a board has started.

use serde::{Deserialize, Serialize};

/// Why a program has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(missing_docs, reason = "the names say it")]
pub enum ResetCause {
    Power,
    BrownOut,
    /// The reset pin or button, or a debugger.
    Pin,
    Watchdog,
    Software,
    /// The processor has locked up.
    Lockup,
    /// The board does not tell.
    Unknown,
}

impl ResetCause {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::BrownOut => "a brown-out",
            Self::Pin => "the reset pin",
            Self::Watchdog => "the watchdog",
            Self::Software => "software",
            Self::Lockup => "a lock-up",
            Self::Unknown => "an unknown cause",
        }
    }
}
