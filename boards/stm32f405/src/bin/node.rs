//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_stm32f405::app::node;

trainlet_stm32f405::program!(node::Memory<node::Net, node::Moments>, node::run);
