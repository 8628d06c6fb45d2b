#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod data;
pub mod metrics;
pub mod params;
pub mod rng;
pub mod sum;
pub mod tensor;

pub mod layer;
