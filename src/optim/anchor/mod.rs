//! Where training began, or where weights are drawn back to.

mod copied;
mod redrawn;
mod stored;

pub use copied::Copied;
pub use redrawn::{Redrawn, Seed};
pub use stored::{Stored, StoredWeights};

use core::ops::Range;

use super::cuts::pieces;
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::params::flat::window_mut;
use crate::core::setting::Settings;

/// Weights that others are compared with: those at the start of a run, or those of a model that shall not be forgotten.
///
/// | | bytes of RAM | |
/// |---|---|---|
/// | [`Redrawn<Net>`](Redrawn) | 8 | the weights that a seed gives, drawn again each time, piece by piece |
/// | [`Stored<Net>`](Stored) | a pointer | a model in flash |
/// | [`Copied<[f32; Net::TRAINABLE]>`](Copied) | 4 per weight, and 4 | the weights as they were before the first step |
pub trait Anchor {
    /// Where the weights come from.
    type Config: Copy + Settings;

    /// All-zero bits; call [`init`](Self::init) before anything else.
    const ZERO: Self;
    /// For how many trained weights it has values; `usize::MAX` if that does not depend on it.
    const CAPACITY: usize = usize::MAX;
    /// Bytes of RAM that hold a copy of the weights.
    const COPY_BYTES: usize = 0;

    /// Begins a run.
    fn init(&mut self, config: Self::Config);

    /// Begins a step.
    fn begin(&mut self) {}

    /// Shows what the run needs to go on to `archive`.
    fn persist(&mut self, trained: usize, archive: &mut Archive);

    /// Hands out the weights of a leaf, or of a part of it, together with those of the anchor, before the step changes them. Each piece
    /// comes with its places, and has at most 32 values; `first` and `in_blocks` are those of
    /// [`Optimizer::update`](super::Optimizer::update) and [`Optimizer::in_blocks`](super::Optimizer::in_blocks).
    fn compare(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, in_blocks: bool, work: Work);
}

/// What is done with a piece: its places among all trained weights, the weights, and those of the anchor.
pub type Work<'a> = &'a mut dyn FnMut(Range<usize>, &mut [f32], &[f32]);

/// Hands out pieces, each with what `fill` gives as the weights of the anchor. It is called in order.
fn compare_filled(weights: &mut [f32], first: usize, in_blocks: bool, fill: &mut dyn FnMut(&mut [f32]), work: Work) {
    for piece in pieces(first, weights.len(), in_blocks) {
        let mut anchor = [0.0; super::cuts::PIECE];
        let anchor = window_mut(&mut anchor, 0, piece.len());
        fill(anchor);
        let places = first + piece.start..first + piece.end;
        work(places, window_mut(weights, piece.start, piece.len()), anchor);
    }
}

#[cfg(test)]
mod tests;
