//! A trainer on the serial line.
#![no_std]
#![no_main]

use esp_hal::main;
use static_cell::ConstStaticCell;
use trainlet_app::node::{self, Memory};
use trainlet_esp32c3::Esp32c3;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[main]
fn main() -> ! {
    let mut board = Esp32c3::init();
    if let Some(memory) = MEMORY.try_take() {
        node::run(&mut board, memory)
    }
    loop {
        core::hint::spin_loop();
    }
}
