//! The chip's watchdog, which resets it when it is not fed for half a minute. It stands still while a debugger halts the processor.

use nrf52840_hal::pac::WDT;
use nrf52840_hal::wdt::{self, WatchdogHandle, count, handles};

/// Its clock is 32,768 Hz.
const PATIENCE: u32 = 30 * 32_768;

/// It runs, and cannot be stopped.
pub struct Watchdog(WatchdogHandle<handles::HdlN>);

impl Watchdog {
    /// Starts it, or takes over one that has gone on running. `None` if that has been set up otherwise.
    pub fn start(peripheral: WDT) -> Option<Self> {
        let parts = match wdt::Watchdog::try_new(peripheral) {
            Ok(mut watchdog) => {
                watchdog.set_lfosc_ticks(PATIENCE);
                watchdog.activate::<count::One>()
            }
            Err(peripheral) => wdt::Watchdog::try_recover::<count::One>(peripheral).ok()?,
        };
        Some(Self(parts.handles.0.degrade()))
    }

    /// Begins its time anew.
    pub fn feed(&mut self) {
        self.0.pet();
    }
}
