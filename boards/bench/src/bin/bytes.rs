//! Networks whose weights are in bytes.
#![no_std]
#![no_main]

use static_cell::ConstStaticCell;
use trainlet::networks::{Flow7x6, Flow16x2, Mlp42, Watch12x1, Watch16x2};
use trainlet::nn::net::Model;
use trainlet::quant::Quantized;
use trainlet_bench::quant::InBytes;
use trainlet_bench::{entry, succeed};

macro_rules! run {
    ($($network:ty),+) => {
        $({
            static MEMORY: ConstStaticCell<InBytes<$network, [f32; <Quantized<$network>>::INFER_ARENA]>> =
                ConstStaticCell::new(InBytes::ZERO);
            MEMORY.take().run();
        })+
    };
}

#[entry]
fn main() -> ! {
    run!(Watch12x1, Watch16x2, Flow16x2, Flow7x6, Mlp42);
    succeed()
}
