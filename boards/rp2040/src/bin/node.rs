//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_rp2040::app::node;

trainlet_rp2040::program!(node::Memory<node::Net, node::Moments>, node::run);
