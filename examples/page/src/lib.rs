//! The library as WebAssembly: networks train in a browser, to the bits of host-sim and the boards.

pub mod catalog;
pub mod exports;
pub mod learner;
pub mod run;
pub mod samples;
pub mod ways;
pub mod weights;
