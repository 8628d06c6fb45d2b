//! The watchdog, which resets the chip when it is not fed for 8 seconds, the longest that an RP2040 knows. It stands still while a
//! debugger halts the processor.

use embassy_rp::Peri;
use embassy_rp::peripherals::WATCHDOG;
use embassy_rp::watchdog;
use embassy_time::Duration;

/// Longest time without progress: to erase a block of flash takes at most 0.4 seconds, a sample on the RP2040 about as long.
const PATIENCE: Duration = Duration::from_secs(8);

/// It runs.
pub struct Watchdog(watchdog::Watchdog);

impl Watchdog {
    pub fn start(peripheral: Peri<'static, WATCHDOG>) -> Self {
        let mut watchdog = watchdog::Watchdog::new(peripheral);
        watchdog.pause_on_debug(true);
        watchdog.start(PATIENCE);
        Self(watchdog)
    }

    /// Begins its time anew.
    pub fn feed(&mut self) {
        self.0.feed(PATIENCE);
    }
}
