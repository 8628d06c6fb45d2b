//! Espressif ESP32-S3: Xtensa LX7 at 240 MHz with an FPU, 512 KiB of RAM. Serial line on the chip's own USB port, light on GPIO21,
//! as on Seeed's XIAO ESP32S3.
#![no_std]

pub use trainlet_esp::*;
