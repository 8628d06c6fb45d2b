//! Many runs side by side, and what they say about the ideas, the networks and the data.

pub mod ablation;
mod boards;
pub mod compare;
pub mod curvature;
pub mod ideas;
pub mod labels;
pub mod modes;
pub mod personalise;
pub mod shards;
pub mod sweep;

/// A study that cannot be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain themselves")]
pub enum Error {
    #[error(transparent)]
    Run(#[from] crate::run::Error),
    #[error(transparent)]
    Part(#[from] shards::Error),
    #[error(transparent)]
    Different(#[from] personalise::Different),
}
