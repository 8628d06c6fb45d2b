//! Learning without labels, and then with them in the same memory.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use trainlet_app::pretrain;
use trainlet_stm32f405::Stm32f405;

#[entry]
fn main() -> ! {
    if let Some(mut board) = Stm32f405::new() {
        pretrain::run(&mut board)
    }
    loop {
        core::hint::spin_loop();
    }
}
