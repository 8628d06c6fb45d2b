//! Espressif ESP32: Xtensa LX6 at 240 MHz with an FPU, 520 KiB of RAM. Serial line on GPIO1 (out) and GPIO3 (in), where
//! the board's own USB bridge is, light on GPIO2, as on most boards with an ESP32-WROOM-32.
#![no_std]

pub use trainlet_esp::*;
