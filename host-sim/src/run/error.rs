//! Why a run fails.

use safetensors::SafeTensorError;

use super::{output, settings, weights};
use crate::data::{self, sampler};
use crate::networks::learner::LearnerError;
use crate::{board, networks};

/// A run that cannot start, or that failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Options(#[from] settings::Error),
    #[error(transparent)]
    Network(#[from] networks::Error),
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    Order(#[from] sampler::Error),
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Output(#[from] output::Error),
    #[error(transparent)]
    Board(#[from] board::Error),
    #[error(transparent)]
    Learner(LearnerError),
    #[error("the weights are no longer finite in epoch {epoch}: take a lower {rate}, or a --clip; nothing was written")]
    Diverged { epoch: u32, rate: &'static str },
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
    #[error("the record cannot be written as JSON ({0})")]
    Json(#[from] serde_json::Error),
}

/// A board's error is the same, whether the run met it in training or before.
impl From<LearnerError> for Error {
    fn from(error: LearnerError) -> Self {
        match error {
            LearnerError::Board(error) => match error.downcast::<board::Error>() {
                Ok(error) => Self::Board(*error),
                Err(error) => Self::Learner(LearnerError::Board(error)),
            },
            error => Self::Learner(error),
        }
    }
}
