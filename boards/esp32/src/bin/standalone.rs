//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use esp_hal::main;
use static_cell::ConstStaticCell;
use trainlet_app::standalone::{self, Memory, Recipe};
use trainlet_esp32::Esp32;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[main]
fn main() -> ! {
    if let (Some(mut board), Some(memory)) = (Esp32::new(), MEMORY.try_take()) {
        standalone::run(&mut board, memory, Recipe::DEFAULT)
    }
    loop {
        core::hint::spin_loop();
    }
}
