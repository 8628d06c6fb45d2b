//! Why a run fails.

use std::convert::Infallible;

use safetensors::SafeTensorError;
use trainlet::core::archive::Failure;

use super::{checkpoint, output, settings, shell};
use crate::data::{self, preprocessing, sampler};
use crate::networks::learner::LearnerError;
use crate::networks::weights;
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
    Preparation(#[from] preprocessing::Error),
    #[error(
        "{path}: does not say how samples are prepared; leave --init-scaling out, or give a file that --save wrote"
    )]
    NoScaling { path: String },
    #[error(transparent)]
    Order(#[from] sampler::Error),
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Output(#[from] output::Error),
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    #[error("the state of the run cannot be kept in memory ({0})")]
    Unkept(#[from] Failure),
    #[error("the run cannot go back to an earlier epoch ({0})")]
    Rollback(#[from] trainlet::checkpoint::Error<Infallible>),
    #[error("stopped after step {done} of {steps}; {}", to_go_on(.path))]
    Interrupted { done: u32, steps: u32, path: Option<String> },
    #[error(
        "stopped after step {done} of {steps}; given the same command again, a board that was not switched off goes on from there"
    )]
    LeftToBoard { done: u32, steps: u32 },
    #[error(transparent)]
    Board(#[from] board::Error),
    #[error(transparent)]
    Learner(LearnerError),
    #[error("the training has diverged in epoch {epoch}, with a mean loss of {loss:.3e}: take a lower {rate}, or a --clip; {}", kept(.good))]
    Diverged { epoch: u32, loss: f64, rate: &'static str, good: Option<Box<GoodFile>> },
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
    #[error("the record cannot be written as JSON ({0})")]
    Json(#[from] serde_json::Error),
}

/// The weights at the end of the last epoch before a run diverged.
#[derive(Debug)]
pub struct GoodFile {
    /// The epoch, from 1.
    pub epoch: u32,
    /// A safetensors file of the weights.
    pub file: Vec<u8>,
}

fn kept(good: &Option<Box<GoodFile>>) -> String {
    match good {
        Some(good) => format!("--save has the weights of epoch {}", good.epoch),
        None => "nothing was written".into(),
    }
}

fn to_go_on(path: &Option<String>) -> String {
    match path {
        Some(path) => format!("go on with: host-sim train --resume {}", shell::for_shell(path)),
        None => "nothing was kept: with --checkpoint FILE a run goes on from where it was stopped".into(),
    }
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
