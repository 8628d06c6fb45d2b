//! `mlp-42-64-32-1`.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet::networks::Mlp42;
use trainlet_bench_m4::network::Memory;
use trainlet_bench_m4::succeed;

static MEMORY: ConstStaticCell<Memory<Mlp42>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    MEMORY.take().run(&[32, 1]);
    succeed()
}
