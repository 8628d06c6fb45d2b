//! What pre-training costs, beside training.

use serde::Serialize;
use trainlet::core::budget::Budget;

use crate::Network;
use crate::pretext::{MaskingName, Pretext, TargetName};

/// A pretext of a network in figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The network that it is for.
    pub network: &'static str,
    /// What the blocks see.
    pub masking: MaskingName,
    /// What is predicted.
    pub target: TargetName,
    /// Visible tokens.
    pub visible: usize,
    /// Tokens.
    pub tokens: usize,
    /// Number of its weights.
    pub parameters: usize,
    /// How many of them the network goes on with.
    pub shared: usize,
    /// RAM of the network's trainer with Adam.
    pub training: Budget,
    /// RAM of the pretext's own.
    pub pretraining: Budget,
    /// RAM of a trainer for both phases.
    pub both: Budget,
    /// Multiply-accumulates of a training pass of the network.
    pub macs: usize,
    /// The same of the pretext.
    pub pretraining_macs: usize,
}

/// A row per pretext of the network.
pub(super) fn rows(network: &Network) -> impl Iterator<Item = Row> + '_ {
    network.pretexts.iter().map(
        |&Pretext { masking, target, visible, tokens, parameters, shared, budget, both, train_macs, .. }| Row {
            network: network.name,
            masking,
            target,
            visible,
            tokens,
            parameters,
            shared,
            training: network.budget,
            pretraining: budget,
            both,
            macs: network.train_macs,
            pretraining_macs: train_macs,
        },
    )
}
