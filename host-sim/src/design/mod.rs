//! Finds a network for some data: candidates are written as types into a crate, compiled, trained and compared.

pub mod compile;
mod data;
mod error;
pub mod finish;
pub mod folds;
pub mod found;
pub mod generate;
pub mod halving;
pub mod limits;
pub mod merge;
pub mod options;
pub mod plan;
pub mod recipe;
pub mod score;
mod search;
pub mod space;
pub mod splits;
pub mod workers;

pub use error::Error;
pub use found::{Choice, Found};
pub use options::Options;
pub use search::{Event, Outcome, search};
