//! Trains on the data in flash as soon as the board is switched on.
#![no_std]
#![no_main]

use trainlet_riscv_virt::app::standalone::{self, Memory, Settings};

/// Without an FPU an emulated epoch takes a minute.
const SETTINGS: Settings = Settings { epochs: 1, ..Settings::DEFAULT };

trainlet_riscv_virt::program!(Memory, |board, memory| standalone::run(board, memory, SETTINGS));
