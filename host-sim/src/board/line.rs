//! A serial line with embedded-io's traits, whatever is at its end.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a board may take for a request. Emulated boards without FPU are the slowest.
pub const TIMEOUT: Duration = Duration::from_secs(2);

/// Both ends of a line; a read that takes too long ends with [`io::ErrorKind::TimedOut`].
pub struct Line {
    reader: BufReader<Box<dyn Read + Send>>,
    writer: Box<dyn Write + Send>,
    opened: Instant,
}

impl Line {
    /// From what comes and where the rest goes.
    pub fn new(reader: impl Read + Send + 'static, writer: impl Write + Send + 'static) -> Self {
        Self { reader: BufReader::new(Box::new(reader)), writer: Box::new(writer), opened: Instant::now() }
    }

    /// How long ago it was opened: the clock of whoever waits for something on it.
    pub fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// A serial port of this computer.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(port: &str, baud: u32) -> Result<Self, serialport::Error> {
        let port = serialport::new(port, baud).timeout(TIMEOUT).open()?;
        Ok(Self::new(port.try_clone()?, port))
    }
}

impl embedded_io::ErrorType for Line {
    type Error = io::Error;
}

impl embedded_io::Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl embedded_io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Bytes that another thread sends, piece by piece.
pub struct Pieces {
    receiver: Receiver<Vec<u8>>,
    timeout: Duration,
    piece: io::Cursor<Vec<u8>>,
}

impl Pieces {
    /// Waits for each piece as long as `timeout`.
    pub fn new(receiver: Receiver<Vec<u8>>, timeout: Duration) -> Self {
        Self { receiver, timeout, piece: io::Cursor::default() }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.fill_buf()?.is_empty() {
            match self.receiver.recv_timeout(self.timeout) {
                Ok(piece) => self.piece = io::Cursor::new(piece),
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        self.piece.read(buffer)
    }
}
