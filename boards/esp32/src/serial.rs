//! UART0 with the traits of embedded-io.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use esp_hal::Blocking;
use esp_hal::uart::Uart;

/// Waits for every byte; 128 that come meanwhile are kept by the chip. What the line garbles is not an error here: the
/// link finds out by itself.
pub struct SerialLine {
    uart: Uart<'static, Blocking>,
}

impl SerialLine {
    pub(crate) fn new(uart: Uart<'static, Blocking>) -> Self {
        Self { uart }
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            if let Ok(count) = self.uart.read(buffer) {
                return Ok(count);
            }
        }
    }
}

impl Write for SerialLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let sent = self.uart.write(rest).unwrap_or(0);
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        let _ = self.uart.flush();
        Ok(())
    }
}
