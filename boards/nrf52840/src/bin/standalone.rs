//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet_app::standalone::{self, Memory, Recipe};
use trainlet_nrf52840::Nrf52840;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    if let (Some(mut board), Some(memory)) = (Nrf52840::new(), MEMORY.try_take()) {
        standalone::run(&mut board, memory, Recipe::DEFAULT)
    }
    loop {
        core::hint::spin_loop();
    }
}
