//! What can happen to a line.

use core::fmt;

use embedded_io::ErrorKind;

/// Why a line carries no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LineError<E> {
    /// A read has given no byte: the other end has gone.
    Ended,
    /// A write has taken no byte.
    Blocked,
    /// The transport has failed.
    Failed(E),
}

impl<E: embedded_io::Error> LineError<E> {
    /// Nothing has come for as long as a read waits.
    pub(super) fn is_timeout(&self) -> bool {
        matches!(self, Self::Failed(error) if error.kind() == ErrorKind::TimedOut)
    }
}

impl<E: fmt::Display> fmt::Display for LineError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("the other end has gone"),
            Self::Blocked => f.write_str("it takes no bytes"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for LineError<E> {}
