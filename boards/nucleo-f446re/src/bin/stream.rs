//! Learns from recordings that are played in place of a sensor.
#![no_std]
#![no_main]

use trainlet_nucleo_f446re::app::rehearsal::{self, Memory};

trainlet_nucleo_f446re::program!(Memory, rehearsal::run);
