//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_riscv_virt::app::node;

trainlet_riscv_virt::program!(node::Memory<node::Net, node::Moments>, node::run);
