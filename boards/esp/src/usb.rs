//! The chip's USB serial port with the traits of embedded-io. (The HAL has them too, but waits forever when nobody
//! fetches what is sent.)

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use esp_hal::Blocking;
use esp_hal::peripherals::{TIMG0, USB_DEVICE};
use esp_hal::timer::timg::Wdt;
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;

use crate::micros;

/// What the line is made of.
pub type Port = USB_DEVICE<'static>;

/// How long a computer that listens may let a byte wait, in microseconds.
const PATIENCE: u64 = 100_000;

/// Waits for every byte that comes, and as long as somebody listens for every byte that goes: the rest is lost.
pub struct SerialLine {
    /// Fed while a byte is waited for: nothing is due then that could hang.
    pub(crate) watchdog: Wdt<TIMG0<'static>>,
    usb: UsbSerialJtag<'static, Blocking>,
    heard: bool,
}

impl SerialLine {
    pub(crate) fn new(port: Port, watchdog: Wdt<TIMG0<'static>>) -> Option<Self> {
        Some(Self { watchdog, usb: UsbSerialJtag::new(port), heard: true })
    }

    /// Sends a byte if there is room, and says whether there was. It waits for room only if the last byte found some.
    fn send(&mut self, byte: u8) -> bool {
        if self.usb.write_byte_nb(byte).is_ok() {
            return true;
        }
        let end = micros().saturating_add(PATIENCE);
        while self.heard && micros() < end {
            if self.usb.write_byte_nb(byte).is_ok() {
                return true;
            }
        }
        false
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
            if let Ok(byte) = self.usb.read_byte() {
                *first = byte;
                return Ok(1);
            }
        }
    }
}

impl Write for SerialLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            self.heard = self.send(*byte);
        }
        Ok(bytes.len())
    }

    /// Hands the packet over as it is; the computer fetches it when it likes.
    fn flush(&mut self) -> Result<(), Infallible> {
        let _ = self.usb.flush_tx_nb();
        Ok(())
    }
}
