//! How much stack some work takes: the free part is painted, and looked at afterwards.

use core::ptr::addr_of_mut;

use cortex_m::register::msp;

unsafe extern "C" {
    static mut _stack_end: u32;
}

const PAINT: u32 = 0xcccc_cccc;

/// Does the work and gives the most bytes of stack that it took.
#[inline(never)]
pub fn measure<R>(work: impl FnOnce() -> R) -> (R, usize) {
    paint();
    let result = call(work);
    (result, (msp::read() as usize).saturating_sub(lowest_touched() as usize))
}

/// Not inlined, so that all that the work keeps on the stack is below the stack pointer of [`measure`].
#[inline(never)]
fn call<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// What [`paint`] may itself have put below the stack pointer that it reads, in bytes; far less than any work takes.
const MARGIN: u32 = 64;

/// Paints from the end of the stack up to what is in use here.
#[inline(never)]
fn paint() {
    let top = (msp::read() - MARGIN) as *mut u32;
    let mut word = addr_of_mut!(_stack_end);
    while word < top {
        // SAFETY: between the end of the stack and the stack pointer lies writable memory that nobody uses, and no
        // interrupt is enabled.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

fn lowest_touched() -> *mut u32 {
    let mut word = addr_of_mut!(_stack_end);
    // SAFETY: readable memory up to the stack pointer, where a word that is in use ends the search at the latest.
    while (word as u32) < msp::read() && unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    word
}
