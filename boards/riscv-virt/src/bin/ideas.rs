//! What goes beyond the plain step, one idea after the other.
#![no_std]
#![no_main]

use riscv_rt::entry;
use trainlet_app::ideas;
use trainlet_riscv_virt::RiscvVirt;

#[entry]
fn main() -> ! {
    // SAFETY: the only one.
    let mut board = unsafe { RiscvVirt::new() };
    ideas::run(&mut board)
}
