//! What a store's errors are to a host.

use core::convert::Infallible;

use super::message::Refusal;
use crate::checkpoint;
use crate::core::archive::Failure;
use crate::store;

impl<E> From<store::Error<E>> for Refusal {
    fn from(error: store::Error<E>) -> Self {
        match error {
            store::Error::Area => Self::NoStore,
            store::Error::Flash(_) => Self::FlashFailed,
            store::Error::Worn => Self::FlashWorn,
            store::Error::TooLarge { needed, capacity } => Self::SlotTooSmall { needed, capacity },
            store::Error::Checkpoint(error) => of_checkpoint(error),
        }
    }
}

fn of_checkpoint(error: checkpoint::Error<Infallible>) -> Refusal {
    match error {
        checkpoint::Error::Value(Failure::Setting(error)) => Refusal::Setting(error),
        checkpoint::Error::Value(Failure::NotFinite) => Refusal::NotFinite,
        checkpoint::Error::Value(Failure::SamplesWaiting) => Refusal::SamplesWaiting,
        // The others come of reading alone.
        _ => Refusal::FlashFailed,
    }
}
