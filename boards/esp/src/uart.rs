//! UART0 with the traits of embedded-io.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use esp_hal::Blocking;
use esp_hal::peripherals::{GPIO1, GPIO3, TIMG0, UART0};
use esp_hal::timer::timg::Wdt;
use esp_hal::uart::{Config, Uart};

/// Bits per second of the serial line.
pub const BAUD: u32 = 921_600;

/// What the line is made of.
pub struct Port {
    pub uart: UART0<'static>,
    pub tx: GPIO1<'static>,
    pub rx: GPIO3<'static>,
}

/// Waits for every byte; 128 that come meanwhile are kept by the chip. What the line garbles is not an error here: the
/// link finds out by itself.
pub struct SerialLine {
    /// Fed while a byte is waited for: nothing is due then that could hang.
    pub(crate) watchdog: Wdt<TIMG0<'static>>,
    uart: Uart<'static, Blocking>,
}

impl SerialLine {
    pub(crate) fn new(port: Port, watchdog: Wdt<TIMG0<'static>>) -> Option<Self> {
        let uart = Uart::new(port.uart, Config::default().with_baudrate(BAUD)).ok()?;
        Some(Self { watchdog, uart: uart.with_tx(port.tx).with_rx(port.rx) })
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            self.watchdog.feed();
            if self.uart.read_ready()
                && let Ok(count) = self.uart.read(buffer)
            {
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
