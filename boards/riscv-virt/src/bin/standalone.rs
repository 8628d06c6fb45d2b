//! Trains on the data in flash as soon as the machine is switched on.
#![no_std]
#![no_main]

use riscv_rt::entry;
use static_cell::ConstStaticCell;
use trainlet_app::standalone::{self, Memory, Recipe};
use trainlet_riscv_virt::RiscvVirt;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::ZERO);

/// Without an FPU an epoch takes its time.
const RECIPE: Recipe = Recipe { epochs: 5, ..Recipe::DEFAULT };

#[entry]
fn main() -> ! {
    // SAFETY: the only one.
    let mut board = unsafe { RiscvVirt::new() };
    if let Some(memory) = MEMORY.try_take() {
        standalone::run(&mut board, memory, RECIPE)
    }
    loop {
        core::hint::spin_loop();
    }
}
