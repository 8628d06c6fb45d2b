//! ST NUCLEO-F446RE: Cortex-M4F at 180 MHz, 128 KiB of RAM. Serial line on PA2 (out) and PA3 (in): the virtual COM port of
//! the board's own ST-Link. Light on PA5 (LD2).
#![no_std]

pub use trainlet_stm32f4::*;
