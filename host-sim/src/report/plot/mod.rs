//! Pictures.

pub mod bars;
pub mod curvature;
pub mod curves;
pub mod design;
pub mod labels;
pub mod losses;
pub mod people;
mod picture;
pub mod scatter;
