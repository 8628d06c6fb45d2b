//! Work for the cycle profiler of host-sim: programs for an emulated Cortex-M4F that mark what is to be measured.
//!
//! A program for each network, as on a board, so that the compiler sees no more than it sees there.
#![no_std]

mod end;
pub mod network;
pub mod values;
pub mod window;

// Semihosting needs its critical section.
use cortex_m as _;

pub use end::succeed;
