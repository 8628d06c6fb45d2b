//! Every kind of block, one after the other.
#![no_std]
#![no_main]

use riscv_rt::entry;
use trainlet_app::blocks;
use trainlet_riscv_virt::RiscvVirt;

#[entry]
fn main() -> ! {
    // SAFETY: the only one.
    let mut board = unsafe { RiscvVirt::new() };
    blocks::run(&mut board)
}
