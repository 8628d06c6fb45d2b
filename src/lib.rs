#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod block;
pub mod budget;
pub mod checksum;
pub mod curvature;
pub mod data;
pub mod head;
pub mod kernels;
pub mod layer;
#[cfg(feature = "link")]
pub mod link;
pub mod loss;
pub mod masked;
pub mod metrics;
pub mod micro_batch;
pub mod monitor;
pub mod net;
pub mod networks;
pub mod optim;
pub mod params;
pub mod pass;
pub mod rng;
pub mod stem;
pub mod sum;
pub mod tensor;
pub mod train;
pub mod updates;

/// The guide to blocks of one's own, whose code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/own-block.md")]
pub struct OwnBlock;
