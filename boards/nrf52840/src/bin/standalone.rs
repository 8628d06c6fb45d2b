//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_nrf52840::app::standalone::{self, Memory, Settings};

trainlet_nrf52840::program!(Memory, |board, memory| standalone::run(board, memory, Settings::DEFAULT));
