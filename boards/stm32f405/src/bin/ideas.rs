//! What goes beyond the plain step, one idea after the other.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use trainlet_app::ideas;
use trainlet_stm32f405::Stm32f405;

#[entry]
fn main() -> ! {
    if let Some(mut board) = Stm32f405::new() {
        ideas::run(&mut board)
    }
    loop {
        core::hint::spin_loop();
    }
}
