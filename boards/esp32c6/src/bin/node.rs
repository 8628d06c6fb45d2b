//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_esp32c6::app::node;

trainlet_esp32c6::program!(node::Memory<node::Net, node::Moments>, node::run);
