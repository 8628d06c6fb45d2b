//! The independent watchdog, which resets the chip when it is not fed: after 32 seconds by its rough clock of 17 to 47 kHz, so 22 at
//! least. It stands still while a debugger halts the processor. QEMU has none; what is written to it there has no effect.

use stm32f4xx_hal::pac::{DBGMCU, IWDG};

const START: u16 = 0xcccc;
const UNLOCK: u16 = 0x5555;
const FEED: u16 = 0xaaaa;
/// Counts of its clock divided by 256.
const PATIENCE: u16 = 0xfff;
const BY_256: u8 = 6;

/// It runs, and cannot be stopped.
pub struct Watchdog(IWDG);

impl Watchdog {
    pub fn start() -> Self {
        // SAFETY: nothing else uses these registers.
        let (watchdog, debug) = unsafe { (IWDG::steal(), DBGMCU::steal()) };
        debug.apb1_fz().modify(|_, w| w.dbg_iwdg_stop().set_bit());
        for key in [START, UNLOCK] {
            // SAFETY: keys that it knows.
            watchdog.kr().write(|w| unsafe { w.bits(key.into()) });
        }
        // SAFETY: any value in range can be written. They take effect within a few of its counts.
        watchdog.pr().write(|w| unsafe { w.pr().bits(BY_256) });
        watchdog.rlr().write(|w| unsafe { w.rl().bits(PATIENCE) });
        Self(watchdog)
    }

    /// Begins its time anew.
    pub fn feed(&mut self) {
        // SAFETY: a key that it knows.
        self.0.kr().write(|w| unsafe { w.bits(FEED.into()) });
    }
}
