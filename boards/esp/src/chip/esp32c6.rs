//! ESP32-C6: light on GPIO15, as on an ESP32-C6 SuperMini and on Seeed's XIAO ESP32C6.

use esp_hal::gpio::{Level, Pin};
use esp_hal::peripherals::Peripherals;
use trainlet_app::board::ram;

use crate::Parts;

pub const NAME: &str = "esp32c6";
pub const RAM: usize = ram::ESP32C6;
/// Of the light's pin.
pub const LIT: Level = Level::Low;

pub fn parts(all: Peripherals) -> Parts {
    Parts { line: all.USB_DEVICE, led: all.GPIO15.degrade(), timers: all.TIMG0, flash: all.FLASH }
}
