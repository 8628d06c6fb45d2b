//! Pictures.

pub mod bars;
pub mod course;
pub mod curvature;
pub mod curves;
pub mod design;
pub mod labels;
pub mod losses;
pub mod people;
pub(super) mod picture;
pub mod points;
pub mod reliability;
pub mod scatter;
