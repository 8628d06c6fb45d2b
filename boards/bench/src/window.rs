//! Windows: what the profiler counts lies between calls of two functions that it knows by name.

use core::arch::asm;
use core::fmt;

use semihosting::println;

/// Does some work in a window, and announces it by the line `name|count`. `count` is how many units the work consists
/// of: multiply-accumulates, elements, parameters, samples.
#[inline(always)]
pub fn window(name: fmt::Arguments, count: usize, work: impl FnOnce()) {
    println!("{}|{}", name, count);
    bench_begin();
    work();
    bench_end();
}

/// Where a window begins.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    // SAFETY: does nothing. For the compiler it may touch any memory, so no work crosses it.
    unsafe { asm!("nop", options(nostack, preserves_flags)) }
}

/// Where it ends. Not the same instructions as in [`bench_begin`], or the linker would make one function of both.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    // SAFETY: as above.
    unsafe { asm!("nop", "nop", options(nostack, preserves_flags)) }
}
