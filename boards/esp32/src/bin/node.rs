//! A trainer on the serial line.
#![no_std]
#![no_main]

use esp_hal::main;
use static_cell::ConstStaticCell;
use trainlet_app::node::{self, Memory};
use trainlet_esp32::Esp32;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[main]
fn main() -> ! {
    if let (Some(mut board), Some(memory)) = (Esp32::new(), MEMORY.try_take()) {
        node::run(&mut board, memory)
    }
    loop {
        core::hint::spin_loop();
    }
}
