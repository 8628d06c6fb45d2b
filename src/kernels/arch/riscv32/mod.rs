//! Assembly for RV32IMC without a floating-point unit, with the bits of the plain Rust.

mod float;
#[macro_use]
mod step;
mod panel;
mod product;
mod tile;

pub use super::portable::*;
pub use product::{nn, nt, tn};
