//! Data sets: the recordings that ship with this crate, and the user's own tables.

mod columns;
mod dataset;
mod error;
mod label;
mod one_scale;
pub mod preprocessing;
pub mod sampler;
pub mod source;
mod table;
mod transform;
pub mod watch;

pub use columns::by_correlation;
pub use dataset::Dataset;
pub use error::{Error, Place};
pub use label::Label;
pub use one_scale::OneScale;
pub use table::Table;
pub use transform::{Encoding, Feature, Options, Transform};
