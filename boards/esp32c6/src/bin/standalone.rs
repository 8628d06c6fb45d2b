//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_esp32c6::app::standalone::{self, Memory, Settings};

/// Without an FPU an epoch takes its time.
const SETTINGS: Settings = Settings { epochs: 5, ..Settings::DEFAULT };

trainlet_esp32c6::program!(Memory, |board, memory| standalone::run(board, memory, SETTINGS));
