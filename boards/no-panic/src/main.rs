//! Everything in the library, in a program that is linked and never run: its panic handler calls a function that there is not, so that a
//! single path to a panic stops the linker, which names the function that it is in.
#![no_std]
#![no_main]

mod data;
mod keeping;
mod learners;
mod line;
mod memory;
mod optimizers;

use portable_atomic as _;

use core::panic::PanicInfo;

use memory::Memory;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    unsafe extern "C" {
        fn a_path_to_a_panic_is_left() -> !;
    }
    // SAFETY: it is never linked.
    unsafe { a_path_to_a_panic_is_left() }
}

/// `memory` stands for as many bytes as are needed; nobody runs this.
#[unsafe(no_mangle)]
extern "C" fn _start(memory: *mut u8) {
    let memory = Memory(memory);
    learners::all(&memory);
    data::all(&memory);
    line::all(&memory);
}
