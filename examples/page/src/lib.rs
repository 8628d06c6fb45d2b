//! The library as WebAssembly: networks train in a browser, to the bits of host-sim and the boards.

mod catalog;
mod exports;
mod learner;
pub mod run;
mod samples;
mod ways;
mod weights;
