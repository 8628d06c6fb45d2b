//! From raw measurements to inputs of a network, in one pass and in fixed memory: a board can fit all of it itself.

mod category;
mod scaler;
mod shuffle;
mod transform;

pub use category::{Categories, TooManyCategories, log_frequency};
pub use scaler::{Scaler, ScalerFit};
pub use shuffle::Shuffle;
pub use transform::{Transform, TransformFit, signed_log1p};
