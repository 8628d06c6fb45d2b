//! What everything else is built on: parameter trees, arrays and windows of one buffer, what a part costs, random numbers, exact
//! sums, checksums, the ranges of settings, the archive of what a run keeps, and the budget.

pub mod archive;
pub mod budget;
pub mod checksum;
pub(crate) mod count;
pub mod layout;
pub(crate) mod message;
pub mod params;
pub mod rng;
pub(crate) mod send;
pub mod setting;
pub mod size;
pub(crate) mod standardise;
pub mod sum;
pub mod tensor;
