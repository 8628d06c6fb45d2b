//! A run in a file: all that it needs to go on as if it had never stopped.
//!
//! The file begins with the learner, in the [format of the library](trainlet::checkpoint), byte for byte as a board writes it. What the
//! run around it has gathered follows:
//!
//! | bytes | what |
//! |---|---|
//! | 0 to n - 1 | the learner: n is the length in its header (bytes 16 to 19) and 28 |
//! | 4 | `TRNR` |
//! | 4 | version of what follows |
//! | 4 | length m of the next part |
//! | m | [`Run`] as CBOR: options, checksums of the data, the record so far |
//! | 4 | CRC-32 of all bytes before |
//!
//! All numbers are little-endian.

mod data;
mod error;
mod file;
mod keeper;
mod options;

pub use data::{Fingerprint, add};
pub use error::Error;
pub use file::VERSION;
pub use keeper::{Keeper, Keeping, Place};

use std::borrow::Cow;
use std::fs;

use serde::{Deserialize, Serialize};
use trainlet::checkpoint::{self, Slice};
use trainlet::core::archive::Failure;
use trainlet::train::{Learner, Progress};

use crate::run::course::{Course, Unlabelled};

/// A checkpoint that was read.
#[derive(Debug)]
pub struct Saved {
    path: String,
    run: Run<'static>,
    learner: Vec<u8>,
}

/// What a run keeps beside its learner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run<'a> {
    /// What the user said, as JSON.
    options: Cow<'a, str>,
    /// Steps from one save to the next; `None` for epochs.
    every: Option<u32>,
    /// What the data were.
    data: Cow<'a, Fingerprint>,
    /// How far it is.
    stage: Stage<'a>,
}

/// The part of a run that is going on.
#[allow(clippy::large_enum_variant, reason = "there is one of them")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Stage<'a> {
    /// Learning without labels.
    Unlabelled(Cow<'a, Unlabelled>),
    /// Learning with labels.
    Labelled(Cow<'a, Course>),
}

impl Saved {
    /// Reads a file and checks that it is whole.
    ///
    /// # Errors
    /// It is not there, not a checkpoint, damaged, or of another version.
    pub fn read(path: &str) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: path.into(), source })?;
        let (learner, run) = file::parse(&bytes).map_err(|fault| Error::File { path: path.into(), fault })?;
        Ok(Self { path: path.into(), run, learner })
    }

    /// Where it was read.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Steps from one save to the next, if not epochs.
    pub fn every(&self) -> Option<u32> {
        self.run.every
    }

    /// How far the run is.
    pub fn stage(&self) -> &Stage<'static> {
        &self.run.stage
    }

    /// Number of steps that are done, with labels or without.
    pub fn done(&self) -> u32 {
        match &self.run.stage {
            Stage::Unlabelled(unlabelled) => unlabelled.steps.len() as u32,
            Stage::Labelled(course) => course.next(),
        }
    }

    /// Makes sure that the run would go on with the data that it began with.
    ///
    /// # Errors
    /// It would not.
    pub fn check_data(&self, data: &Fingerprint) -> Result<(), Error> {
        match self.run.data.difference(data) {
            Some(what) => Err(Error::Data { path: self.path.clone(), what }),
            None => Ok(()),
        }
    }

    /// Makes sure that the learner has made the steps that the record has.
    ///
    /// # Errors
    /// It has made others.
    pub fn check_steps(&self, progress: Progress, steps: u32) -> Result<(), Error> {
        if progress.steps == steps { Ok(()) } else { Err(self.inconsistent()) }
    }

    /// The parts of the file do not belong together.
    pub fn inconsistent(&self) -> Error {
        Error::Inconsistent { path: self.path.clone() }
    }

    /// Puts the learner back as it was.
    ///
    /// # Errors
    /// It is of another network or of another kind.
    pub fn restore<L: Learner + ?Sized>(&self, learner: &mut L) -> Result<(), Error> {
        restore(learner, &self.learner).map_err(|error| Error::Learner { path: self.path.clone(), error })
    }
}

/// A learner in the format of the library.
///
/// # Errors
/// A value that cannot be kept.
pub fn bytes<L: Learner + ?Sized>(learner: &mut L) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match checkpoint::write(&mut bytes, &mut |archive| learner.persist(archive)) {
        Ok(_) => Ok(bytes),
        Err(checkpoint::Error::Value(failure)) => Err(failure),
        Err(_) => Err(Failure::Medium),
    }
}

/// Puts a learner back as it was when [`bytes`] was called.
///
/// # Errors
/// These are the bytes of another learner.
pub fn restore<L: Learner + ?Sized>(
    learner: &mut L,
    bytes: &[u8],
) -> Result<(), checkpoint::Error<std::convert::Infallible>> {
    checkpoint::read(&mut Slice::new(bytes), &mut |archive| learner.persist(archive)).map(drop)
}
