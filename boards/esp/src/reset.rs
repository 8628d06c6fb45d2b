//! Why the chip has started.

use esp_hal::system::reset_reason;
use trainlet_app::board::ResetCause;

/// What the chip says. The HAL gives a reason another name from chip to chip, but its number is the same on all of them.
pub fn cause() -> ResetCause {
    match reset_reason().map(|reason| reason as u32) {
        Some(0x01) => ResetCause::Power,
        // The voltage was too low, or it had a glitch.
        Some(0x0f | 0x17) => ResetCause::BrownOut,
        // By the USB port: as a terminal, or as a debugger.
        Some(0x15 | 0x16) => ResetCause::Pin,
        // The whole chip, when it wakes, or the processor.
        Some(0x03 | 0x05 | 0x0c) => ResetCause::Software,
        Some(0x07..=0x09 | 0x0b | 0x0d | 0x10..=0x12) => ResetCause::Watchdog,
        _ => ResetCause::Unknown,
    }
}
