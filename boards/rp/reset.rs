//! Why the chip has started.

use embassy_rp::pac::{self, WATCHDOG};
use trainlet_app::board::ResetCause;

/// What the chip has noted. It forgets by itself, at the next reset.
pub fn cause() -> ResetCause {
    let watchdog = WATCHDOG.reason().read();
    let causes = [(watchdog.timer(), ResetCause::Watchdog), (watchdog.force(), ResetCause::Software)];
    causes.into_iter().chain(of_chip()).find(|(is_it, _)| *is_it).map_or(ResetCause::Unknown, |(_, cause)| cause)
}

/// The RP2040 does not tell a brown-out from power.
#[cfg(rp2040)]
fn of_chip() -> [(bool, ResetCause); 2] {
    let chip = pac::VREG_AND_CHIP_RESET.chip_reset().read();
    [(chip.had_run(), ResetCause::Pin), (chip.had_por(), ResetCause::Power)]
}

#[cfg(not(rp2040))]
fn of_chip() -> [(bool, ResetCause); 3] {
    let chip = pac::POWMAN.chip_reset().read();
    [(chip.had_run_low(), ResetCause::Pin), (chip.had_bor(), ResetCause::BrownOut), (chip.had_por(), ResetCause::Power)]
}
