//! The programs that people flash, whatever the processor of their board: [`standalone`] trains on data in flash as soon as it
//! is switched on, [`node`] trains on the samples that a computer sends over a serial line, [`stream`] predicts what a sensor
//! measures and learns from it, and with [`adapt`] a network that was trained on other people learns from the one who wears the device; a
//! [`rehearsal`] and a [`newcomer`] play recordings in place of a sensor. A network and its data are a [`lesson`]. A board's own crate adds
//! pins, clock and memory.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod adapt;
pub mod board;
pub mod flash;
pub mod lesson;
pub mod newcomer;
pub mod node;
pub mod rehearsal;
pub mod report;
pub mod results;
mod run;
pub mod saver;
pub mod standalone;
pub mod stream;
pub mod watch;
