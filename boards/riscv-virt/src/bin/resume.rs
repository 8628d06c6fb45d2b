//! A short run that is to be interrupted.
#![no_std]
#![no_main]

use trainlet_riscv_virt::app::lesson::{self, Memory};
use trainlet_trials::short::{RecomputeBf16, SETTINGS, Short};

trainlet_riscv_virt::program!(Memory<Short<RecomputeBf16>>, |board, memory| lesson::run(board, memory, SETTINGS));
