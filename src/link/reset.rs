//! Why a board has started.

use serde::{Deserialize, Serialize};

/// Why a program has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(missing_docs, reason = "the names say it")]
pub enum ResetCause {
    /// The board does not tell. First, so that what has not been set yet is all zeros.
    Unknown,
    Power,
    BrownOut,
    /// The reset pin or button, or a debugger.
    Pin,
    Watchdog,
    Software,
    /// The processor has locked up.
    Lockup,
}

impl ResetCause {
    /// For people. One table, not one by what each chip calls its causes.
    #[inline(never)]
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::BrownOut => "brown-out",
            Self::Pin => "reset pin",
            Self::Watchdog => "watchdog",
            Self::Software => "software",
            Self::Lockup => "lock-up",
            Self::Unknown => "unknown",
        }
    }
}
