//! STM32F405: Cortex-M4F at 168 MHz, 128 KiB of RAM. Serial line on PA9 (out) and PA10 (in), light on PC12, as on an
//! Olimex STM32-H405. With the feature `qemu` it runs on QEMU's netduinoplus2 instead.
#![no_std]

pub use trainlet_stm32f4::*;
