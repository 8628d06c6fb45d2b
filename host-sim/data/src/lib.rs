//! Data sets: the recordings that ship with this crate, and the user's own tables.

pub mod arguments;
mod columns;
mod dataset;
mod error;
mod one_scale;
pub mod preprocessing;
pub mod sampler;
pub mod samples;
mod scaling;
pub mod source;
pub mod split;
pub mod table;
pub mod watch;

pub use columns::by_correlation;
pub use dataset::{Dataset, Measure, Target};
pub use error::{Error, Place};
pub use one_scale::OneScale;
pub use table::{Encoding, Feature, Learnt, Missing, Options, Reading, Summary, Table, Transform, learn, read};
