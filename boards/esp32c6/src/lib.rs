//! Espressif ESP32-C6: RV32IMAC at 160 MHz without an FPU, 512 KiB of RAM. Serial line on the chip's own USB port, light on GPIO15,
//! as on an ESP32-C6 SuperMini and on Seeed's XIAO ESP32C6.
#![no_std]

pub use trainlet_esp::*;
