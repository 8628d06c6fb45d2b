//! The watchdog, which resets the chip when the program makes no progress for 30 seconds. By itself it waits no longer than 8 on an RP2040, so
//! an interrupt feeds it in between, as long as the program's time lasts. It stands still while a debugger halts the processor.

use core::sync::atomic::{AtomicU32, Ordering};

use embassy_rp::Peri;
use embassy_rp::peripherals::WATCHDOG;
use embassy_rp::watchdog::Watchdog;
use embassy_time::{Duration, Timer};

/// Longest time without progress, in times of `ONE`.
const PATIENCE: u32 = 6;
const ONE: Duration = Duration::from_secs(5);
/// How long the chip itself waits.
const LONGEST: Duration = Duration::from_secs(8);

/// What is left of the time, in times of `ONE`.
static LEFT: AtomicU32 = AtomicU32::new(PATIENCE);

/// Begins the time anew.
pub fn feed() {
    LEFT.store(PATIENCE, Ordering::Relaxed);
}

/// Feeds it until the time is over.
pub async fn serve(peripheral: Peri<'static, WATCHDOG>) {
    let mut watchdog = Watchdog::new(peripheral);
    watchdog.pause_on_debug(true);
    watchdog.start(LONGEST);
    // The program cannot feed between the two: this is an interrupt.
    while let Some(left) = LEFT.load(Ordering::Relaxed).checked_sub(1) {
        LEFT.store(left, Ordering::Relaxed);
        watchdog.feed(LONGEST);
        Timer::after(ONE).await;
    }
}
