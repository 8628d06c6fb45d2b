//! UARTE0 with the traits of embedded-io.

use core::convert::Infallible;
use core::sync::atomic::{Ordering, compiler_fence};

use embedded_io::{ErrorType, Read, Write};
use nrf52840_hal::gpio::p0::{P0_06, P0_08};
use nrf52840_hal::gpio::{Disconnected, Level};
use nrf52840_hal::pac::{P0, UARTE0};
use nrf52840_hal::uarte::{Baudrate, Parity, Pins, Uarte};

use crate::watchdog::Watchdog;

/// Bits per second of the serial line. The debugger does not know 921600.
pub const BAUD: u32 = 460_800;

/// Bytes that are sent at a time: the DMA cannot read flash, so they are copied.
const CHUNK: usize = 64;

/// Waits for every byte. What the line garbles is not an error here: the link finds out by itself.
pub struct SerialLine {
    uarte: Uarte<UARTE0>,
    /// Fed while a byte is waited for: nothing is due then that could hang.
    pub(crate) watchdog: Watchdog,
}

impl SerialLine {
    pub(crate) fn new(uarte: UARTE0, tx: P0_06<Disconnected>, rx: P0_08<Disconnected>, watchdog: Watchdog) -> Self {
        let rxd = rx.into_floating_input().degrade();
        // The debugger lets go of the line while no terminal is open, and a line at rest is high.
        // SAFETY: no other code touches the settings of this pin from here on.
        unsafe { &*P0::ptr() }.pin_cnf[8].modify(|_, w| w.pull().pullup());
        let txd = tx.into_push_pull_output(Level::High).degrade();
        let pins = Pins { rxd, txd, cts: None, rts: None };
        Self { uarte: Uarte::new(uarte, pins, Parity::EXCLUDED, Baudrate::BAUD460800), watchdog }
    }

    /// Waits for a byte by DMA. The HAL can do so as well, but lets nothing else happen meanwhile, or stops the receiver.
    fn receive(&mut self) -> u8 {
        let mut byte = 0;
        // SAFETY: of these registers the HAL uses none outside of its own reading, which nobody calls.
        let uarte = unsafe { &*UARTE0::ptr() };
        uarte.events_endrx.reset();
        // SAFETY: one byte, which is there until it has come: this function does not return before.
        uarte.rxd.ptr.write(|w| unsafe { w.ptr().bits(&raw mut byte as u32) });
        // SAFETY: as above.
        uarte.rxd.maxcnt.write(|w| unsafe { w.maxcnt().bits(1) });
        // What the DMA writes is neither kept in a register nor read too early.
        compiler_fence(Ordering::SeqCst);
        uarte.tasks_startrx.write(|w| w.tasks_startrx().set_bit());
        while uarte.events_endrx.read().bits() == 0 {
            self.watchdog.feed();
        }
        compiler_fence(Ordering::SeqCst);
        // SAFETY: it is there, and the DMA has done with it.
        unsafe { (&raw const byte).read_volatile() }
    }
}

impl ErrorType for SerialLine {
    type Error = Infallible;
}

/// By DMA of one byte at a time: its end is the only sure sign that a byte is in memory. The receiver is never stopped,
/// so that what comes between two reads waits in its FIFO. That has room for at least four bytes: at this rate 87
/// microseconds, or 5600 clocks of the processor.
impl Read for SerialLine {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        *first = self.receive();
        Ok(1)
    }
}

impl Write for SerialLine {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let mut copy = [0; CHUNK];
        for chunk in bytes.chunks(CHUNK) {
            let Some(copy) = copy.get_mut(..chunk.len()) else { break };
            copy.copy_from_slice(chunk);
            // It fails only for a buffer that is empty, too long or not in RAM.
            let _ = self.uarte.write(copy);
        }
        Ok(bytes.len())
    }

    /// [`write`](Self::write) waits for the last bit.
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
