//! What an interrupt does while the processor trains: it answers the computer on the USB port, and feeds the watchdog.

use embassy_executor::InterruptExecutor;
use embassy_futures::join::join;
use embassy_rp::Peri;
use embassy_rp::interrupt::{self, InterruptExt as _, Priority};
use embassy_rp::peripherals::{USB, WATCHDOG};

use crate::{usb, watchdog};

static EXECUTOR: InterruptExecutor = InterruptExecutor::new();

/// Starts it; `None` if it has been started.
pub fn start(usb: Peri<'static, USB>, watchdog: Peri<'static, WATCHDOG>) -> Option<()> {
    // Below those of the USB port and the clock.
    interrupt::SWI_IRQ_0.set_priority(Priority::P3);
    EXECUTOR.start(interrupt::SWI_IRQ_0).spawn(serve(usb, watchdog).ok()?);
    Some(())
}

#[embassy_rp::interrupt]
unsafe fn SWI_IRQ_0() {
    // SAFETY: called by this handler alone, and enabled by `start`.
    unsafe { EXECUTOR.on_interrupt() }
}

#[embassy_executor::task]
async fn serve(usb: Peri<'static, USB>, watchdog: Peri<'static, WATCHDOG>) {
    join(usb::serve(usb), watchdog::serve(watchdog)).await;
}
