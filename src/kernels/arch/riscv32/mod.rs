//! Assembly for RV32IMC without a floating-point unit, with the bits of the plain Rust.

mod float;
mod gelu;
#[macro_use]
mod step;
mod panel;
mod product;
mod squares;
mod tile;

pub use super::portable::*;
pub use gelu::{gelu, gelu_backward, gelu_in_place, gelu_with_slope};
pub use product::{nn, nt, tn};
pub use squares::add_squares;
