//! What a call has come to.

use core::ffi::{CStr, c_char};

use trainlet::checkpoint;
use trainlet::core::archive::Failure;
use trainlet::core::setting::{OutOfRange, Setting};
use trainlet::nn::loss::InvalidTarget;

/// What a call has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// It is done.
    Ok = 0,
    /// A pointer is null that must not be.
    NullPointer = 1,
    /// `trainlet_init` has not been called for this trainer.
    NotInitialised = 2,
    /// The learning rate is not above 0 and finite.
    LearningRate = 3,
    /// The weight decay is below 0 or not finite.
    WeightDecay = 4,
    /// The largest norm of a gradient is below 0 or not finite.
    Clip = 5,
    /// The dropout is below 0, or 1 and above.
    Dropout = 6,
    /// There is no such class, or a value that is not finite; the sample has no part in the step.
    Target = 7,
    /// Samples wait for a step: make it before the run is saved.
    SamplesWaiting = 8,
    /// The buffer is too small for the run.
    NoRoom = 9,
    /// The bytes are no saved run, or one of another network or of another version of this library.
    Foreign = 10,
    /// The saved run is damaged, or its end is missing.
    Damaged = 11,
}

/// In words.
const TEXTS: [(Status, &CStr); 12] = [
    (Status::Ok, c"done"),
    (Status::NullPointer, c"a pointer is null"),
    (Status::NotInitialised, c"call trainlet_init first"),
    (Status::LearningRate, c"the learning rate must be above 0 and finite"),
    (Status::WeightDecay, c"the weight decay must be at least 0 and finite"),
    (Status::Clip, c"the largest norm of a gradient must be above 0 and finite, or 0 for none"),
    (Status::Dropout, c"the dropout must be at least 0 and below 1"),
    (Status::Target, c"there is no such class, or a value is not finite"),
    (Status::SamplesWaiting, c"samples wait for a step: call trainlet_step before the run is saved"),
    (Status::NoRoom, c"the buffer is too small: take TRAINLET_SAVED bytes"),
    (Status::Foreign, c"these bytes are no saved run of this network and this version"),
    (Status::Damaged, c"the saved run is damaged, or its end is missing"),
];

/// The status in words.
#[unsafe(no_mangle)]
pub extern "C" fn trainlet_message(status: i32) -> *const c_char {
    let known = TEXTS.iter().find(|(known, _)| *known as i32 == status);
    known.map_or(c"there is no such status", |(_, text)| text).as_ptr()
}

impl From<OutOfRange> for Status {
    fn from(error: OutOfRange) -> Self {
        match error.setting {
            Setting::WeightDecay => Self::WeightDecay,
            Setting::Clip => Self::Clip,
            Setting::Dropout => Self::Dropout,
            _ => Self::LearningRate,
        }
    }
}

impl From<InvalidTarget> for Status {
    fn from(_: InvalidTarget) -> Self {
        Self::Target
    }
}

impl<E> From<checkpoint::Error<E>> for Status {
    fn from(error: checkpoint::Error<E>) -> Self {
        use checkpoint::Error;
        match error {
            Error::Full | Error::Medium(_) => Self::NoRoom,
            Error::Foreign | Error::Version(_) | Error::Network | Error::Kept => Self::Foreign,
            Error::Value(Failure::SamplesWaiting) => Self::SamplesWaiting,
            Error::Cut | Error::Damaged | Error::Value(_) => Self::Damaged,
        }
    }
}
