//! The machine's 16550 serial port with the traits of embedded-io. QEMU does not care about its speed. (The crate
//! `uart_16550` would do as well, but leaves panics in the program.)

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};

const BASE: *mut u8 = 0x1000_0000 as *mut u8;
/// Receives and sends.
const DATA: *mut u8 = BASE;
/// Settings of the queues.
const FIFO_CONTROL: *mut u8 = BASE.wrapping_add(2);
/// Both queues on; QEMU then hands over up to 14 bytes at a time.
const FIFO_14: u8 = 0xc1;
const LINE_STATUS: *const u8 = BASE.wrapping_add(5);
/// A byte has come.
const DATA_READY: u8 = 1 << 0;
/// A byte can be sent.
const HOLDING_EMPTY: u8 = 1 << 5;
/// All bytes are sent.
const TRANSMITTER_EMPTY: u8 = 1 << 6;

/// Waits for every byte.
pub struct SerialLine(());

impl SerialLine {
    /// # Safety
    /// There must be only one.
    pub(crate) unsafe fn new() -> Self {
        // SAFETY: the register is there.
        unsafe { FIFO_CONTROL.write_volatile(FIFO_14) };
        Self(())
    }

    fn wait_for(&mut self, status: u8) {
        // SAFETY: the register can be read at any time.
        while unsafe { LINE_STATUS.read_volatile() } & status == 0 {}
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        self.wait_for(DATA_READY);
        // SAFETY: the register is there, and `self` the only one who uses it.
        *first = unsafe { DATA.read_volatile() };
        Ok(1)
    }
}

impl Write for SerialLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            self.wait_for(HOLDING_EMPTY);
            // SAFETY: as for reading.
            unsafe { DATA.write_volatile(*byte) };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.wait_for(TRANSMITTER_EMPTY);
        Ok(())
    }
}
