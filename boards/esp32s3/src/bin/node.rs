//! A trainer on the serial line.
#![no_std]
#![no_main]

use trainlet_esp32s3::app::node;

trainlet_esp32s3::program!(node::Memory<node::Net, node::Moments>, node::run);
