//! `flow-16x2`.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet::networks::Flow16x2;
use trainlet_bench_m4::network::Memory;
use trainlet_bench_m4::succeed;

static MEMORY: ConstStaticCell<Memory<Flow16x2>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    MEMORY.take().run();
    succeed()
}
