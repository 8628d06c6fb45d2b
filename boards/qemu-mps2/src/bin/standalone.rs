//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_qemu_mps2::app::standalone::{self, Memory, Settings};

/// Without an FPU an epoch takes its time.
const SETTINGS: Settings =
    Settings { epochs: if cfg!(m0) { 5 } else { Settings::DEFAULT.epochs }, ..Settings::DEFAULT };

trainlet_qemu_mps2::program!(Memory, |board, memory| standalone::run(board, memory, SETTINGS));
