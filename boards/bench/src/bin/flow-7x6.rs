//! `flow-7x6`.
#![no_std]
#![no_main]

use static_cell::ConstStaticCell;
use trainlet::networks::Flow7x6;
use trainlet_bench::network::Memory;
use trainlet_bench::{entry, succeed};

static MEMORY: ConstStaticCell<Memory<Flow7x6>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    MEMORY.take().run();
    succeed()
}
