//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_esp32s3::app::standalone::{self, Memory, Settings};

trainlet_esp32s3::program!(Memory, |board, memory| standalone::run(board, memory, Settings::DEFAULT));
