//! Learns from recordings that are played in place of a sensor.
#![no_std]
#![no_main]

use trainlet_stm32f405::app::rehearsal::{self, Memory};

trainlet_stm32f405::program!(Memory, rehearsal::run);
