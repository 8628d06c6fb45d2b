//! Adapts to somebody new, whose recordings are played in place of a sensor.
#![no_std]
#![no_main]

use trainlet_stm32f405::app::newcomer::{self, Memory};

trainlet_stm32f405::program!(Memory, newcomer::run);
