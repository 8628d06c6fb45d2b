//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use esp_hal::main;
use static_cell::ConstStaticCell;
use trainlet_app::standalone::{self, Memory, Recipe};
use trainlet_esp32c3::Esp32c3;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

/// Without an FPU an epoch takes its time.
const RECIPE: Recipe = Recipe { epochs: 5, ..Recipe::DEFAULT };

#[main]
fn main() -> ! {
    let mut board = Esp32c3::init();
    if let Some(memory) = MEMORY.try_take() {
        standalone::run(&mut board, memory, RECIPE)
    }
    loop {
        core::hint::spin_loop();
    }
}
