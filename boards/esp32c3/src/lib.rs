//! Espressif ESP32-C3: RV32IMC at 160 MHz without an FPU, 400 KiB of RAM. Serial line on the chip's own USB port, light on GPIO8,
//! as on an ESP32-C3 SuperMini.
#![no_std]

pub use trainlet_esp::*;
