//! ESP32-S3: light on GPIO21, as on Seeed's XIAO ESP32S3.

use esp_hal::gpio::{Level, Pin};
use esp_hal::peripherals::Peripherals;
use trainlet_app::board::ram;

use crate::Parts;

pub const NAME: &str = "esp32s3";
pub const RAM: usize = ram::ESP32S3;
/// Of the light's pin.
pub const LIT: Level = Level::Low;

pub fn parts(all: Peripherals) -> Parts {
    Parts { line: all.USB_DEVICE, led: all.GPIO21.degrade(), timers: all.TIMG0, flash: all.FLASH }
}
