//! From raw measurements to inputs of a network. All but quantiles, which want their values sorted, are fitted in one pass and in fixed
//! memory: a board can do it itself.

mod augment;
mod category;
mod quantiles;
mod replay;
mod scaler;
mod shuffle;
mod stream_scaler;
mod transform;
mod window;

pub use augment::{Augmentation, Augmented, augmentation_key};
pub use category::{Categories, TooManyCategories, log_frequency};
pub use quantiles::{Edges, Quantiles, among_quantiles, quantiles};
pub use replay::Replay;
pub use scaler::{Scaler, ScalerFit};
pub use shuffle::Shuffle;
pub use stream_scaler::StreamScaler;
pub use transform::{Transform, TransformFit, signed_log1p};
pub use window::{SlidingWindow, in_units};
