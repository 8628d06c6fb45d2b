//! Requests and answers.

use core::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

pub use super::refusal::Refusal;
pub use super::reset::ResetCause;

use crate::core::budget::Budget;
use crate::core::checksum::{self, Digest};
use crate::networks::Network;
use crate::nn::layer::{Dropout, StochasticDepth};
use crate::nn::loss::LossOptions;
use crate::optim::{AdamConfig, Schedule};
use crate::train::StepReport;

/// Version of the messages; both ends must have the same one.
pub const VERSION: u8 = 6;

/// From the host to the board.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Begins a session if version and network are the board's own; the trainer stays as it is. Answered by
    /// [`Answer::Hello`] in any case but a wrong version.
    Hello {
        /// [`VERSION`] of the host.
        version: u8,
        /// [`fingerprint`] of the host's network.
        network: u32,
    },
    /// Progress of the current run; answered by [`Answer::Status`].
    Status,
    /// The node's RAM by role; answered by [`Answer::Budget`].
    Budget,
    /// Starts a run: draws new weights and forgets the old ones, and the scaler.
    Start {
        /// The host's own name for the run, which [`Status`] gives back. Not 0, which stands for none.
        run: u32,
        /// All that determines the run besides the samples.
        settings: Settings,
    },
    /// Changes a part of something; values are `f32`, little-endian, and both `offset` and length count whole ones.
    Write {
        /// What is changed.
        what: Writable,
        /// Number of the first value.
        offset: u32,
        /// The new values.
        bytes: &'a [u8],
    },
    /// Values of something; answered by [`Answer::Values`].
    Read {
        /// What is read.
        what: Readable,
        /// Number of the first value.
        offset: u32,
        /// How many values.
        count: u16,
    },
    /// Replaces the weights by those that were written, if these have the given CRC-32.
    Commit {
        /// As [`checksum::crc32`] gives it.
        crc32: u32,
    },
    /// Takes the sample that was written into the next step; answered by [`Answer::Loss`].
    Accumulate {
        /// Its label, [`Task::label_len`](crate::nn::loss::Task::label_len) numbers, `f32`, little-endian.
        label: &'a [u8],
        /// Its part of the step's loss: 1 / (number of samples in the batch).
        weight: f32,
    },
    /// Changes the weights; answered by [`Answer::Step`].
    Step,
    /// The loss of the sample that was written; answered by [`Answer::Loss`].
    Evaluate {
        /// Its label, as in [`Accumulate`](Self::Accumulate).
        label: &'a [u8],
    },
    /// Outputs for the sample that was written; answered by [`Answer::Values`].
    Predict {
        /// Number of the first output.
        offset: u16,
        /// How many.
        count: u16,
    },
    /// CRC-32 of the weights; answered by [`Answer::Checksum`].
    Checksum,
    /// Keeps the run as it is, scaler included, in the board's flash, from which it goes on when the board is switched on again. Answered
    /// by [`Answer::Saved`].
    Save,
}

/// From the board to the host. No answer has the bytes of the request that it answers, so that an echo is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer<'a> {
    /// A frame came that cannot be read; the host sends it again.
    Damaged,
    /// The request is refused, and has changed nothing.
    Refused(Refusal),
    /// Handled; there is nothing to report.
    Done,
    /// Who the board is.
    #[serde(borrow)]
    Hello(Identity<'a>),
    /// Progress of the current run.
    Status(Status),
    /// Its RAM by role.
    Budget(Budget),
    /// Values, `f32`, little-endian.
    Values(&'a [u8]),
    /// Of a sample.
    Loss(f32),
    /// Result of one step.
    Step(StepReport),
    /// CRC-32 of the weights.
    Checksum(u32),
    /// The run is kept.
    Saved(Saved),
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Writable {
    /// The sample that the next requests refer to, before standardisation. The board standardises it on arrival.
    Sample,
    /// Mean of each input.
    Mean,
    /// Standard deviation of each input, at least 0; 0 for one that is to become 0.
    Deviation,
    /// New weights, which [`Request::Commit`] puts in place. They are staged in the memory of the gradient.
    Weights,
}

/// What can be read. Samples cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Readable {
    /// Mean of each input.
    Mean,
    /// Standard deviation of each input.
    Deviation,
    /// The weights.
    Weights,
}

/// All that determines a run besides the samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(missing_docs, reason = "as in `train::Config`")]
pub struct Settings {
    pub seed: u64,
    pub loss: LossOptions,
    pub adam: AdamConfig,
    pub schedule: Schedule,
    pub clip: Option<f32>,
    pub dropout: Dropout,
    pub stochastic_depth: StochasticDepth,
}

/// Who a board is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Identity<'a> {
    /// Name of the board.
    pub board: &'a str,
    /// Name of its network.
    pub network: &'a str,
    /// [`fingerprint`] of its network.
    pub fingerprint: u32,
    /// How its optimiser keeps a number: [`State::NAME`](crate::optim::State::NAME).
    pub state: &'a str,
    /// Why the board has started.
    pub reset: ResetCause,
    /// Bytes of all its program's variables; the stack is beside them.
    pub ram: u32,
    /// Most values that one [`Request::Write`] may carry.
    pub write: u16,
    /// Most values that one [`Request::Read`] may ask for.
    pub read: u16,
}

/// Progress of the current run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status {
    /// The run as the host named it; 0 for none.
    pub run: u32,
    /// Steps of the run so far, skipped ones included.
    pub steps: u32,
    /// Steps that changed nothing because their gradient was not finite.
    pub skipped: u32,
    /// Samples that wait for the next step.
    pub samples: u32,
    /// Time spent on requests since the start of the run, in microseconds.
    pub busy_micros: u64,
    /// Number of the last save in the board's flash, from 1; 0 for none.
    pub saves: u32,
    /// Errors of its store since it was switched on: saves that failed, or a save of something else that was found then.
    pub store_errors: u32,
}

/// A checkpoint in the board's flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Saved {
    /// Bytes that were written.
    pub bytes: u32,
    /// Number of the save, from 1 since the flash was erased.
    pub number: u32,
}

/// A number that tells networks apart: a checksum of the name, and of the names and shapes of the leaves.
pub fn fingerprint<M: Network>(weights: &M) -> u32 {
    let mut text = Checksum(checksum::digest());
    let _ = text.write_str(M::NAME);
    weights.read(&mut |leaf, _| {
        let _ = write!(text, ";{}", leaf.path);
        for length in leaf.shape {
            let _ = write!(text, " {length}");
        }
    });
    text.0.finalize()
}

struct Checksum(Digest);

impl fmt::Write for Checksum {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
