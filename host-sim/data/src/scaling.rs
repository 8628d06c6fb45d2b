//! What is scaled together.

use clap::ValueEnum;
use serde::Serialize;

/// What is scaled together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Each column, or each axis of the watch
    #[default]
    Column,
    /// Each column, by the rank of its values: spread evenly, whatever their distribution was
    Quantile,
    /// All of them
    Table,
}
