//! `mlp-42-64-32-1`.
#![no_std]
#![no_main]

use static_cell::ConstStaticCell;
use trainlet::networks::Mlp42Batch;
use trainlet_bench::network::Memory;
use trainlet_bench::{entry, succeed};

/// Samples side by side.
const SIDE: usize = 8;

static MEMORY: ConstStaticCell<Memory<Mlp42Batch>> = ConstStaticCell::new(Memory::ZERO);
static INPUTS: ConstStaticCell<[[f32; 42]; SIDE]> = ConstStaticCell::new([[0.0; 42]; SIDE]);

#[entry]
fn main() -> ! {
    let memory = MEMORY.take();
    memory.run();
    memory.run_side_by_side(INPUTS.take());
    succeed()
}
