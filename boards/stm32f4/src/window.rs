//! Marks for a profiler in QEMU: what it counts lies between calls of two functions that it knows by name.

use core::hint::black_box;

/// Does some work between the marks.
pub fn mark<R>(work: impl FnOnce() -> R) -> R {
    bench_begin();
    let result = work();
    bench_end();
    result
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    black_box(0);
}

/// Not the same code as [`bench_begin`], or the linker would make one function of both.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    black_box(1);
}
