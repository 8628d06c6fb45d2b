//! The USART with the traits of embedded-io.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use stm32f4xx_hal::serial::Serial;

use crate::board::Usart;
use crate::watchdog::Watchdog;

/// Waits for every byte. What the line garbles is not an error here: the link finds out by itself.
pub struct SerialLine {
    serial: Serial<Usart>,
    /// Fed while a byte is waited for: nothing is due then that could hang.
    pub(crate) watchdog: Watchdog,
}

impl SerialLine {
    pub(crate) fn new(serial: Serial<Usart>, watchdog: Watchdog) -> Self {
        Self { serial, watchdog }
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        loop {
            self.watchdog.feed();
            if let Ok(byte) = embedded_hal_nb::serial::Read::read(&mut self.serial) {
                *first = byte;
                return Ok(1);
            }
        }
    }
}

impl Write for SerialLine {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            while embedded_hal_nb::serial::Write::write(&mut self.serial, *byte).is_err() {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while embedded_hal_nb::serial::Write::<u8>::flush(&mut self.serial).is_err() {}
        Ok(())
    }
}
