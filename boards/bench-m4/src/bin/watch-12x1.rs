//! `watch-12x1`.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use static_cell::ConstStaticCell;
use trainlet::networks::{Family, Watch12x1};
use trainlet_bench_m4::network::Memory;
use trainlet_bench_m4::succeed;

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
