//! The machines' first serial port, a CMSDK APB UART, with the traits of embedded-io. QEMU does not care about its speed.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};

use crate::UART;

/// Receives and sends.
const DATA: *mut u32 = UART;
const STATE: *const u32 = UART.wrapping_add(1);
/// The last byte is not sent yet.
const TX_FULL: u32 = 1 << 0;
/// A byte has come.
const RX_FULL: u32 = 1 << 1;
const CONTROL: *mut u32 = UART.wrapping_add(2);
/// Sends and receives.
const ON: u32 = 0b11;
/// Clocks of a bit, of which it wants at least 16.
const DIVIDER: *mut u32 = UART.wrapping_add(4);
const SHORTEST: u32 = 16;

/// Waits for every byte.
pub struct SerialLine(());

impl SerialLine {
    /// # Safety
    /// There must be only one.
    pub(crate) unsafe fn new() -> Self {
        // SAFETY: the registers are there.
        unsafe {
            DIVIDER.write_volatile(SHORTEST);
            CONTROL.write_volatile(ON);
        }
        Self(())
    }

    fn wait_for(&mut self, flag: u32, value: u32) {
        // SAFETY: the register can be read at any time.
        while unsafe { STATE.read_volatile() } & flag != value {}
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        self.wait_for(RX_FULL, RX_FULL);
        // SAFETY: the register is there, and `self` the only one who uses it.
        *first = unsafe { DATA.read_volatile() } as u8;
        Ok(1)
    }
}

impl Write for SerialLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            self.wait_for(TX_FULL, 0);
            // SAFETY: as for reading.
            unsafe { DATA.write_volatile(u32::from(*byte)) };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.wait_for(TX_FULL, 0);
        Ok(())
    }
}
