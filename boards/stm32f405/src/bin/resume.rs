//! A short run that is to be interrupted.
#![no_std]
#![no_main]

use trainlet_stm32f405::app::lesson::{self, Memory};
use trainlet_trials::short::{KeepF32, SETTINGS, Short};

trainlet_stm32f405::program!(Memory<Short<KeepF32>>, |board, memory| lesson::run(board, memory, SETTINGS));
