//! The USB port with the traits of embedded-io, and GPIO0 for what nobody fetches there.

use core::convert::Infallible;

use embassy_rp::uart::{Blocking, UartTx};
use embedded_io::{ErrorType, Read, Write};

use crate::micros;
use crate::usb::Port;
use crate::watchdog;

/// How long a computer that has the port open may let a byte wait, in microseconds.
const PATIENCE: u64 = 100_000;

/// Waits for every byte that comes, and as long as somebody listens for every byte that goes.
pub struct SerialLine {
    port: &'static Port,
    uart: UartTx<'static, Blocking>,
    heard: bool,
}

impl SerialLine {
    pub(crate) fn new(port: &'static Port, uart: UartTx<'static, Blocking>) -> Self {
        Self { port, uart, heard: true }
    }

    /// Gives the port as many of the bytes as it has room for. It waits for room only if the last bytes found some.
    fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = micros().saturating_add(PATIENCE);
        loop {
            if let Ok(count) = self.port.sent.try_write(bytes) {
                return Some(count);
            }
            if !self.heard || !self.port.is_open() || micros() > end {
                return None;
            }
        }
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    #[inline(never)]
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            // Nothing is due that could hang.
            watchdog::feed();
            if let Ok(count) = self.port.received.try_read(buffer) {
                return Ok(count);
            }
        }
    }
}

impl Write for SerialLine {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let sent = if self.port.is_open() { self.send(bytes) } else { None };
        self.heard = sent.is_some();
        if sent.is_none() {
            // It cannot fail.
            let _ = self.uart.blocking_write(bytes);
        }
        Ok(sent.unwrap_or(bytes.len()))
    }

    /// The interrupt sends what is there; the computer fetches it when it likes.
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
