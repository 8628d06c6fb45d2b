//! Learning without labels, and then with them in the same memory.
#![no_std]
#![no_main]

use riscv_rt::entry;
use trainlet_app::pretrain;
use trainlet_riscv_virt::RiscvVirt;

#[entry]
fn main() -> ! {
    // SAFETY: the only one.
    let mut board = unsafe { RiscvVirt::new() };
    pretrain::run(&mut board)
}
