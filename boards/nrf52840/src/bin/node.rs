//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_nrf52840::app::node;

trainlet_nrf52840::program!(node::Memory<node::Net, node::Moments>, node::run);
