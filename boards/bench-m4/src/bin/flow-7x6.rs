//! `flow-7x6`.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet::networks::Flow7x6;
use trainlet_bench_m4::network::Memory;
use trainlet_bench_m4::succeed;

static MEMORY: ConstStaticCell<Memory<Flow7x6>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    MEMORY.take().run();
    succeed()
}
