//! `flow-16x2`.
#![no_std]
#![no_main]

use static_cell::ConstStaticCell;
use trainlet::networks::Flow16x2;
use trainlet_bench::network::Memory;
use trainlet_bench::{entry, succeed};

static MEMORY: ConstStaticCell<Memory<Flow16x2>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    MEMORY.take().run();
    succeed()
}
