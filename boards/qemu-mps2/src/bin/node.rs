//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_qemu_mps2::app::node;

trainlet_qemu_mps2::program!(node::Memory<node::Net, node::Moments>, node::run);
