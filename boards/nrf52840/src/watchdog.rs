//! The watchdog, which resets the chip when it is not fed for 30 seconds. It stands still while a debugger halts the processor.

use nrf52840_hal::pac::WDT;
use nrf52840_hal::wdt::{self, Parts, WatchdogHandle, count::One, handles::Hdl0};

/// Longest time without progress, in counts of its clock of 32,768 Hz.
const PATIENCE: u32 = 30 * 32_768;

/// It runs, and cannot be stopped.
pub struct Watchdog(Option<WatchdogHandle<Hdl0>>);

impl Watchdog {
    /// A reset by software leaves it running, as it was started. One that a bootloader has started in another way is not ours to feed.
    pub fn start(wdt: WDT) -> Self {
        let parts = match wdt::Watchdog::try_new(wdt) {
            Ok(mut watchdog) => {
                watchdog.set_lfosc_ticks(PATIENCE);
                Some(watchdog.activate::<One>())
            }
            Err(wdt) => wdt::Watchdog::try_recover::<One>(wdt).ok(),
        };
        Self(parts.map(|Parts { handles: (handle,), .. }| handle))
    }

    /// Begins its time anew.
    pub fn feed(&mut self) {
        if let Some(handle) = &mut self.0 {
            handle.pet();
        }
    }
}
