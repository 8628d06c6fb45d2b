//! What can go wrong in a search, said so that it can be put right.

use std::io;

use crate::data;

/// Why a search has no result.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(
        "{name}: {rows} samples are too few to find a network by: at least 8 are needed, in two groups or more if there are groups"
    )]
    TooFew { name: String, rows: usize },
    #[error("{name}: has no labels to learn; name the column of them with --label")]
    NoLabels { name: String },
    #[error(
        "{name}: every sample is of the class `{class}`, so that there is nothing to tell apart; choose another --label"
    )]
    OneClass { name: String, class: String },
    #[error(
        "{name}: {inputs} inputs are more than the {most} that a network is looked for with; leave columns out with --drop"
    )]
    TooManyInputs { name: String, inputs: usize, most: usize },
    #[error(
        "{name}: {outputs} classes are more than the {most} that a network is looked for with; is the label a number? --task regress"
    )]
    TooManyOutputs { name: String, outputs: usize, most: usize },
    #[error("no candidate fits: {reasons}; raise --ram, --flash or --latency, or leave columns out with --drop")]
    NothingFits { reasons: String },
    #[error("the search was ended before anything was trained; give it more --minutes")]
    NothingInTime,
    #[error("there is no file to merge; name the files that the shards wrote")]
    NothingToMerge,
    #[error(
        "{first} and {file} are parts of different searches; merge what the same command wrote with --shard 1/n to n/n"
    )]
    OtherSearch { first: String, file: String },
    #[error("shards are missing: {missing}; name their files as well")]
    ShardsMissing { missing: String },
    #[error("{file}: is no part of a search ({reason}); name the files that were written with --shard")]
    NoPart { file: String, reason: String },
    #[error("{what}: {source}; check that there is room and that you may write there")]
    File { what: String, source: io::Error },
    #[error(
        "candidates are compiled by cargo, which cannot be started ({source}); install Rust from https://rustup.rs"
    )]
    NoCargo { source: io::Error },
    #[error("the candidates in {folder} do not compile:\n{output}")]
    Compile { folder: String, output: String },
    #[error("the worker that {what} cannot be started ({source})")]
    Start { what: String, source: io::Error },
    #[error(
        "the worker that {what} ended with {status} before it had answered{output}; this is a fault of host-sim: please report it"
    )]
    Died { what: String, status: String, output: String },
    #[error("the worker that {what} refused: {reason}")]
    Refused { what: String, reason: String },
    #[error("the worker that {what} answered with something else than was asked: {answer}")]
    Answer { what: String, answer: String },
}

impl Error {
    /// A file that cannot be written or read.
    pub fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        |source| Self::File { what: what.into(), source }
    }
}
