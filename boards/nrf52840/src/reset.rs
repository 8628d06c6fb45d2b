//! Why the chip has started.

use nrf52840_hal::pac::POWER;
use trainlet_app::board::ResetCause;

/// What the chip has noted since it was last asked, which it then forgets. Nothing is noted when power comes.
pub fn cause(power: &POWER) -> ResetCause {
    let reasons = power.resetreas.read();
    let causes = [
        (reasons.dog().bit_is_set(), ResetCause::Watchdog),
        (reasons.lockup().bit_is_set(), ResetCause::Lockup),
        (reasons.sreq().bit_is_set(), ResetCause::Software),
        (reasons.resetpin().bit_is_set(), ResetCause::Pin),
        (reasons.bits() != 0, ResetCause::Unknown),
    ];
    // SAFETY: a one clears a bit.
    power.resetreas.write(|w| unsafe { w.bits(reasons.bits()) });
    causes.into_iter().find(|(is_it, _)| *is_it).map_or(ResetCause::Power, |(_, cause)| cause)
}
