//! Bytes on a line.

use core::fmt;

use embedded_io::{Read, Write};

use crate::core::send::send;

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

/// Waits for a byte.
pub(super) fn read_byte<L: Read>(line: &mut L) -> Result<u8, LineError<L::Error>> {
    let mut byte = [0];
    if line.read(&mut byte).map_err(LineError::Failed)? == 0 {
        return Err(LineError::Ended);
    }
    let [byte] = byte;
    Ok(byte)
}

/// Sends all of the bytes.
pub(super) fn write_all<L: Write>(line: &mut L, bytes: &[u8]) -> Result<(), LineError<L::Error>> {
    if !send(line, bytes).map_err(LineError::Failed)? {
        return Err(LineError::Blocked);
    }
    line.flush().map_err(LineError::Failed)
}
