#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod kernels;
pub mod params;
pub mod rng;
pub mod tensor;

pub mod layer;
