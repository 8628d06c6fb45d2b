//! Learns from recordings that are played in place of a sensor.
#![no_std]
#![no_main]

use trainlet_rp2040::app::rehearsal::{self, Memory};

trainlet_rp2040::program!(Memory, rehearsal::run);
