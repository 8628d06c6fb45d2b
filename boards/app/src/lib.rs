//! The programs that boards run, whatever their processor: [`standalone`] trains on data in flash as soon as it is switched
//! on, [`node`] is a trainer on a serial line, [`modes`] tries every way of training, [`blocks`] every kind of block, [`ideas`]
//! whatever goes beyond the plain step, [`pretrain`] learning without labels. A board's own crate gives them pins, clock and memory.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod blocks;
pub mod board;
pub mod ideas;
pub mod modes;
pub mod node;
pub mod pretrain;
pub mod report;
pub mod standalone;
pub mod watch;
