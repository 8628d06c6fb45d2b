#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(not(feature = "asm"), forbid(unsafe_code))]
#![cfg_attr(feature = "asm", deny(unsafe_code))] // but for kernels/arch/cortex_m

#[cfg(any(test, feature = "std"))]
extern crate std;

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
pub mod train;

/// The guide to blocks of one's own, whose code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/own-block.md")]
pub struct OwnBlock;
