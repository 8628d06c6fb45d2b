//! Both ends over lines of embedded-io.

pub use embedded_io::{Read, Write};

use super::frame::{FrameError, Receiver};
use super::line::LineError;
use super::node::{Node, Reply};
use crate::core::send::send;
use crate::networks::Network;
use crate::optim::State;

/// Waits for a byte.
pub fn read_byte<L: Read>(line: &mut L) -> Result<u8, LineError<L::Error>> {
    let mut byte = [0];
    match line.read(&mut byte).map_err(LineError::Failed)? {
        0 => Err(LineError::Ended),
        _ => Ok(byte[0]),
    }
}

/// Sends all of the bytes.
pub fn write_all<L: Write>(line: &mut L, bytes: &[u8]) -> Result<(), LineError<L::Error>> {
    if !send(line, bytes).map_err(LineError::Failed)? {
        return Err(LineError::Blocked);
    }
    line.flush().map_err(LineError::Failed)
}

impl Receiver {
    /// Waits for a frame, with its CRC-32 no longer than `buffer`, for [`message`](Self::message) to read. Zeros between frames
    /// are ignored.
    ///
    /// # Errors
    /// That of the line; the bytes so far are kept. The inner result tells what is wrong with the frame.
    pub fn receive<L: Read>(
        &mut self,
        line: &mut L,
        buffer: &mut [u8],
    ) -> Result<Result<(), FrameError>, LineError<L::Error>> {
        loop {
            if let Some(result) = self.take(read_byte(line)?, buffer) {
                return Ok(result);
            }
        }
    }
}

impl<M: Network, S: State> Node<M, S> {
    /// Waits for a frame, for [`handle`](Self::handle).
    ///
    /// # Errors
    /// The line carries nothing any more.
    pub fn receive<L: Read>(&mut self, line: &mut L) -> Result<(), LineError<L::Error>> {
        while !self.take(read_byte(line)?) {}
        Ok(())
    }

    /// Sends the reply that [`handle`](Self::handle) returned.
    ///
    /// # Errors
    /// The line carries nothing any more.
    pub fn send<L: Write>(&self, reply: Reply, line: &mut L) -> Result<(), LineError<L::Error>> {
        match self.bytes(reply) {
            [] => Ok(()),
            bytes => write_all(line, bytes),
        }
    }
}
