//! Why a run does not go on from a file.

use std::convert::Infallible;
use std::io;

use trainlet::checkpoint;
use trainlet::core::archive::Failure;

use super::file::Fault;

/// A checkpoint that is of no use here.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{path}: cannot be read ({source}); check its name, and that you may read it")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: {fault}")]
    File { path: String, fault: Fault },
    #[error(
        "{path}: is there already: `host-sim train --resume {path}` goes on with its run; to begin another, name another file or \
         remove this one"
    )]
    Exists { path: String },
    #[error(
        "{path}: its run has {option} {kept}, not {given}; a run goes on with the options that it began with: leave {option} out, or \
         begin another run with --checkpoint"
    )]
    Option { path: String, option: String, kept: String, given: String },
    #[error(
        "{path}: is of a version of this program that has other options; go on with the one that wrote it, or begin another run"
    )]
    Options { path: String },
    #[error(
        "{path}: {what}; a run goes on with the data that it began with: give them back their contents, or begin another run with \
         --checkpoint"
    )]
    Data { path: String, what: String },
    #[error("{path}: {error}")]
    Learner { path: String, error: checkpoint::Error<Infallible> },
    #[error("{path}: its parts do not belong together; take a copy that is whole")]
    Inconsistent { path: String },
    #[error("{path}: the run cannot be kept ({failure})")]
    Unkept { path: String, failure: Failure },
}
