//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_nucleo_f446re::app::node;

trainlet_nucleo_f446re::program!(node::Memory<node::Net, node::Moments>, node::run);
