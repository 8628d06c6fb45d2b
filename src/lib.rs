#![doc = include_str!("../docs/crate.md")]
#![no_std]
#![cfg_attr(not(feature = "asm"), forbid(unsafe_code))]
#![cfg_attr(feature = "asm", deny(unsafe_code))] // but for kernels/arch: assembly, and functions for instructions that not every processor has

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod checkpoint;
pub mod core;
pub mod data;
pub mod extra;
pub mod kernels;
#[cfg(feature = "link")]
pub mod link;
pub mod metrics;
pub mod networks;
pub mod nn;
pub mod optim;
pub mod quant;
#[cfg(feature = "store")]
pub mod store;
pub mod train;

/// Pages whose code is compiled and run.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/arena.md")]
    struct Arena;
    #[doc = include_str!("../docs/own-block.md")]
    struct OwnBlock;
}
