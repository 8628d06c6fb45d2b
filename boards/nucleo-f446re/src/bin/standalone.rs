//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_nucleo_f446re::app::standalone::{self, Memory, Settings};

trainlet_nucleo_f446re::program!(Memory, |board, memory| standalone::run(board, memory, Settings::DEFAULT));
