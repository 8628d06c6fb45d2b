//! When a run is written down.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use trainlet::core::archive::Failure;
use trainlet::train::Learner;

use super::{Error, Fingerprint, Run, Saved, Stage, bytes, file};
use crate::data::preprocessing::Prepared;
use crate::run;
use crate::run::options::Options;
use crate::run::output;

/// What a user wants to be kept of a run.
#[derive(Default)]
pub struct Keeping<'a> {
    /// The file.
    pub path: Option<String>,
    /// Steps from one save to the next; `None` for epochs.
    pub every: Option<u32>,
    /// What the run goes on from.
    pub saved: Option<Saved>,
    /// Becomes true when the run is to stop.
    pub stop: Option<&'a AtomicBool>,
}

/// Writes a run down as it goes.
pub struct Keeper<'a> {
    file: Option<File>,
    stop: Option<&'a AtomicBool>,
}

struct File {
    path: String,
    every: Option<u32>,
    options: String,
    data: Fingerprint,
}

/// Where a run is when it may be written down.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Steps that are done.
    pub done: u32,
    /// Steps of the whole run.
    pub steps: u32,
    /// Whether an epoch has ended with the last one.
    pub ends_epoch: bool,
    /// Whether no step follows.
    pub is_over: bool,
}

impl Keeping<'_> {
    /// Makes sure that no other run is lost.
    ///
    /// # Errors
    /// The file is there already, and the run does not go on from it.
    pub fn check(&self) -> Result<(), Error> {
        match &self.path {
            Some(path) if self.saved.is_none() && Path::new(path).is_file() => {
                Err(Error::Exists { path: path.clone() })
            }
            _ => Ok(()),
        }
    }
}

impl<'a> Keeper<'a> {
    /// Keeps nothing.
    pub fn none() -> Self {
        Self { file: None, stop: None }
    }

    /// For a run with these options and data.
    ///
    /// # Errors
    /// None that options can lead to.
    pub fn new(keeping: &Keeping<'a>, options: &Options, prepared: &Prepared) -> Result<Self, run::Error> {
        let Keeping { path, every, saved, stop } = keeping;
        let file = path.as_ref().map(|path| {
            output::sweep(path);
            let every = every.or_else(|| saved.as_ref()?.every());
            Ok::<_, run::Error>(File {
                path: path.clone(),
                every,
                options: serde_json::to_string(options)?,
                data: Fingerprint::of(prepared),
            })
        });
        Ok(Self { file: file.transpose()?, stop: *stop })
    }

    /// Writes the run down, if it is kept in a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save<L: Learner + ?Sized>(&self, learner: &mut L, stage: Stage) -> Result<(), run::Error> {
        let Some(File { path, every, options, data }) = &self.file else { return Ok(()) };
        let learner = match bytes(learner) {
            Ok(learner) => learner,
            // The last state that was in order stays; the end of the epoch judges the run.
            Err(Failure::NotFinite) => return Ok(()),
            Err(failure) => return Err(Error::Unkept { path: path.clone(), failure }.into()),
        };
        let run = Run { options: Cow::Borrowed(options), every: *every, data: Cow::Borrowed(data), stage };
        Ok(output::write("--checkpoint", path, &file::bytes(&learner, &run))?)
    }

    /// Writes the run down if it is time to, and ends it if it is to stop.
    ///
    /// # Errors
    /// The file cannot be written, or the run is to stop.
    pub fn after_step<L: Learner + ?Sized>(
        &self,
        learner: &mut L,
        stage: Stage,
        place: Place,
    ) -> Result<(), run::Error> {
        let Place { done, steps, ends_epoch, is_over } = place;
        let stops = !is_over && self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        let every = self.file.as_ref().and_then(|file| file.every);
        if is_over || stops || every.map_or(ends_epoch, |every| done.is_multiple_of(every)) {
            self.save(learner, stage)?;
        }
        if stops {
            let path = self.file.as_ref().map(|file| file.path.clone());
            return Err(run::Error::Interrupted { done, steps, path });
        }
        Ok(())
    }
}
