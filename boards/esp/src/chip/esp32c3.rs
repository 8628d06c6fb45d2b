//! ESP32-C3: light on GPIO8, as on an ESP32-C3 SuperMini.

use esp_hal::gpio::{Level, Pin};
use esp_hal::peripherals::Peripherals;
use trainlet_app::board::ram;

use crate::Parts;

pub const NAME: &str = "esp32c3";
pub const RAM: usize = ram::ESP32C3;
/// Of the light's pin.
pub const LIT: Level = Level::Low;

pub fn parts(all: Peripherals) -> Parts {
    Parts { line: all.USB_DEVICE, led: all.GPIO8.degrade(), timers: all.TIMG0, flash: all.FLASH }
}
