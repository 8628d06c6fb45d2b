//! What everything else stands on: parameter trees, random numbers, arrays and windows of one buffer, exact sums, checksums and
//! the budget.

pub mod budget;
pub mod checksum;
pub mod params;
pub mod rng;
pub mod sum;
pub mod tensor;
