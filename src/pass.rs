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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;
    use std::vec::Vec;

    fn pass(depth: u32) -> Pass {
        Pass::new(Dropout { p: 0.5 }, StochasticDepth { p: 0.5 }, depth, Key::new(4, Purpose::Mask))
    }

    #[test]
    fn every_block_and_every_part_has_a_mask_of_its_own() {
        let pass = pass(3);
        let places = [pass, pass.after(1), pass.after(2), pass.part(0), pass.part(1), pass.part(0).after(1)];
        let masks: Vec<_> = places
            .iter()
            .map(|place| {
                let mut mask = [1.0; 64];
                place.dropout(&mut mask);
                mask
            })
            .collect();
        for (i, mask) in masks.iter().enumerate() {
            assert!(!masks[..i].contains(mask), "mask {i} is an earlier one");
        }
    }

    #[test]
    fn only_later_blocks_are_left_out() {
        let left_out = |block: usize| {
            (0..1000).filter(|&sample| pass(3).part(sample).after(block).branch_scale().is_none()).count()
        };
        assert_eq!(left_out(0), 0);
        assert!(left_out(1).abs_diff(250) < 60 && left_out(2).abs_diff(500) < 60);
    }
}
