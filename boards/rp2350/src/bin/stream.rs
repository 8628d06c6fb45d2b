//! Learns from recordings that are played in place of a sensor.
#![no_std]
#![no_main]

use trainlet_rp2350::app::rehearsal::{self, Memory};

trainlet_rp2350::program!(Memory, rehearsal::run);
