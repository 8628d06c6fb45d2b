//! Which program is built, and in which variant.

use clap::ValueEnum;

use super::boards::Board;
use crate::networks::optimizer::StateName;

/// A program that is flashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Trains on the data in flash.
    Standalone,
    /// Trains on the samples that a computer sends over a serial line.
    Node,
    /// Predicts what a sensor measures, and learns from it.
    Stream,
    /// Adapts to the one who wears it.
    Adapt,
}

impl Program {
    /// As cargo knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Node => "node",
            Self::Stream => "stream",
            Self::Adapt => "adapt",
        }
    }
}

/// What a program is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The board; it reports over its serial line.
    Hardware,
    /// The board; it reports through a debug probe (`defmt`).
    Probe,
    /// QEMU.
    Qemu,
}

impl Target {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Probe => "probe",
            Self::Qemu => "qemu",
        }
    }

    pub(super) fn features(self, board: Board) -> &'static str {
        match self {
            Self::Hardware => "",
            Self::Probe => "defmt",
            Self::Qemu => board.qemu(),
        }
    }
}

/// What the blocks of a network keep for the backward pass; its weights come out the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Activations {
    /// Everything
    #[default]
    Keep,
    /// The slopes of activations as well: the fastest
    KeepSlopes,
    /// The input of each branch
    Recompute,
    /// The input of each block
    BlockInput,
}

impl Activations {
    pub(super) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().into())
    }

    /// The type of a network with these activations.
    pub(super) fn of(self, path: &str) -> String {
        let variant = match self {
            Self::Keep => return path.into(),
            Self::KeepSlopes => "KeepSlopes",
            Self::Recompute => "Recompute",
            Self::BlockInput => "BlockInput",
        };
        format!("<{path} as node::Family>::{variant}")
    }
}

/// How `node` trains its network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// What the blocks keep.
    pub activations: Activations,
    /// How the optimiser keeps a number.
    pub state: StateName,
}

impl Variant {
    pub(super) fn name(self) -> String {
        format!("{}-{}", self.activations.name(), self.state.name())
    }
}
