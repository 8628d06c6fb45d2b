//! Assembly for RV32IMC without a floating-point unit, with the bits of the plain Rust.
//!
//! A compiler calls a routine for each operation on `f32`, which takes two numbers apart, computes, and puts one together. Those
//! [routines](float) are faster here. What takes most of the time does without them: [products](product), [GELU](gelu) and sums of
//! [squares] take numbers apart once and keep them so, as an integer and an exponent, from one operation to the next. They are made for
//! usual numbers and end at one that is not: 0 with a sign, infinity, not a number, one that is very large or small. From there single
//! operations go on. Nothing is kept between calls: unpacked factors lie on the stack, whatever the network.

#[macro_use]
mod frame;
#[macro_use]
mod step;
mod float;
mod gelu;
mod panel;
mod product;
mod rows;
mod squares;
mod tile;

pub use super::portable::*;
pub use gelu::{gelu, gelu_backward, gelu_in_place, gelu_with_slope};
pub use product::{nn, nt, tn};
pub use rows::{add_scaled, normalize_backward_onto};
pub use squares::add_squares;
