//! A trainer on the serial line.
#![no_std]
#![no_main]

use riscv_rt::entry;
use static_cell::ConstStaticCell;
use trainlet_app::node::{self, Memory};
use trainlet_riscv_virt::RiscvVirt;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    // SAFETY: the only one.
    let mut board = unsafe { RiscvVirt::new() };
    if let Some(memory) = MEMORY.try_take() {
        node::run(&mut board, memory)
    }
    loop {
        core::hint::spin_loop();
    }
}
