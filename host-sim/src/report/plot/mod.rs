//! Pictures.

pub mod bars;
pub mod curves;
pub mod labels;
pub mod scatter;
