//! `watch-12x1`.
#![no_std]
#![no_main]

use static_cell::ConstStaticCell;
use trainlet::networks::{Family, Watch12x1};
use trainlet_bench::network::Memory;
use trainlet_bench::{entry, succeed};

static MEMORY: ConstStaticCell<Memory<Watch12x1>> = ConstStaticCell::new(Memory::ZERO);
static WITH_SLOPES: ConstStaticCell<Memory<<Watch12x1 as Family>::KeepSlopes>> = ConstStaticCell::new(Memory::ZERO);

#[entry]
fn main() -> ! {
    let memory = MEMORY.take();
    memory.run();
    memory.run_pieces();
    WITH_SLOPES.take().run_sample("sample, slopes kept");
    succeed()
}
