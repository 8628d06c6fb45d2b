//! What one training pass of one sample draws its random numbers from.

use crate::layer::{Dropout, StochasticDepth};
use crate::rng::Key;

/// The regularisation of a training pass and the position in it. Evaluation has no such thing, so nothing random can
/// get into it.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    dropout: Dropout,
    stochastic_depth: StochasticDepth,
    depth: u32,
    block: u32,
    key: Key,
}

impl Pass {
    /// A pass through a network of `depth` blocks; `key` names the run, the step and the sample. `stochastic_depth`
    /// is the rate of the last block.
    pub fn new(dropout: Dropout, stochastic_depth: StochasticDepth, depth: u32, key: Key) -> Self {
        Self { dropout, stochastic_depth, depth, block: 0, key }
    }

    /// The same pass, `blocks` further down the network.
    pub fn after(&self, blocks: usize) -> Self {
        Self { block: self.block + blocks as u32, ..*self }
    }

    /// The same pass within part number `index` of the current layer or block: independent random numbers.
    pub fn part(&self, index: u64) -> Self {
        Self { key: self.key.child(index), ..*self }
    }

    /// The factor on a residual branch of the current block, `None` when it is left out.
    pub fn branch_scale(&self) -> Option<f32> {
        self.stochastic_depth.at(self.block, self.depth).scale(self.block_key())
    }

    /// Applies the dropout mask of this position to `values`: activations or, in the backward pass, their gradients.
    pub fn dropout(&self, values: &mut [f32]) {
        self.dropout.apply(values, self.block_key());
    }

    fn block_key(&self) -> Key {
        self.key.child(self.block as u64)
    }
}
