//! What pre-training costs, beside training.

use serde::Serialize;
use trainlet::core::budget::Budget;
use trainlet::core::params::Params;
use trainlet::networks::{MASKED, MaskedNetwork, Masking, Network, VisitMasked, visible_tokens, visit_masked};
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use crate::run::options::MaskingName;

/// A pretext in figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The network that it is for.
    pub config: &'static str,
    /// What the blocks see.
    pub masking: MaskingName,
    /// Visible tokens.
    pub visible: usize,
    /// Tokens.
    pub tokens: usize,
    /// Its weights.
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

/// Every pretext.
pub fn rows() -> Vec<Row> {
    let maskings = [(Masking::Replace, MaskingName::Replace), (Masking::Subset, MaskingName::Subset)];
    let of = |name: &'static str| {
        let each = move |(masking, masking_name)| {
            let visible = visible_tokens(name).iter();
            visible.filter_map(move |&visible| visit_masked(name, masking, visible, Measure(masking_name)))
        };
        maskings.into_iter().flat_map(each)
    };
    MASKED.iter().copied().flat_map(of).collect()
}

struct Measure(MaskingName);

impl VisitMasked for Measure {
    type Result = Row;

    fn visit<P: MaskedNetwork>(self) -> Row {
        type Of<M> = Trainer<M, <M as Network>::Loss, Adam<<M as Network>::F32>, <M as Network>::Arena>;
        Row {
            config: P::For::NAME,
            masking: self.0,
            visible: P::VISIBLE,
            tokens: P::TOKENS,
            parameters: <P as Params>::COUNT,
            shared: P::SHARED,
            training: Of::<P::For>::BUDGET,
            pretraining: P::BUDGET,
            both: P::BOTH,
            macs: <P::For as Model>::COST.train_macs,
            pretraining_macs: P::COST.train_macs,
        }
    }
}
