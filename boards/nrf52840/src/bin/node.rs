//! A trainer on the serial line.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet_app::node::{self, Memory};
use trainlet_nrf52840::Nrf52840;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    if let (Some(mut board), Some(memory)) = (Nrf52840::new(), MEMORY.try_take()) {
        node::run(&mut board, memory)
    }
    loop {
        core::hint::spin_loop();
    }
}
