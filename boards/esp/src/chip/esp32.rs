//! ESP32: light on GPIO2, as on most boards with an ESP32-WROOM-32, and no USB port of the chip's own.

use esp_hal::gpio::{Level, Pin};
use esp_hal::peripherals::Peripherals;
use trainlet_app::board::ram;

use crate::Parts;
use crate::serial::Port;

pub const NAME: &str = "esp32";
pub const RAM: usize = ram::ESP32;
/// Of the light's pin.
pub const LIT: Level = Level::High;

pub fn parts(all: Peripherals) -> Parts {
    let line = Port { uart: all.UART0, tx: all.GPIO1, rx: all.GPIO3 };
    Parts { line, led: all.GPIO2.degrade(), timers: all.TIMG0, flash: all.FLASH }
}
