//! What one training pass of one sample draws its random numbers from.

use crate::core::layout::split_at;
use crate::core::rng::Key;
use crate::nn::layer::{Activation, Dropout, StochasticDepth};

/// The regularisation of a training pass and the position in it. Evaluation has no such thing, so nothing random can
/// get into it. A pass can also record what goes into activations.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    dropout: Dropout,
    stochastic_depth: StochasticDepth,
    depth: u32,
    block: u32,
    vector: u32,
    key: Key,
    recorder: Option<Recorder<'a>>,
}

/// What a [`Recorder`] calls, with the arguments that it names.
pub type Record<'a> = dyn Fn(&[f32], &[f32], f32) + 'a;

/// Sees what goes into the activations of a pass, layer by layer: the bias of the layer before, the inputs, and the value
/// below which the activation is flat.
///
/// A reference to a reference, so that a pass that is not recorded carries no more than a null pointer.
pub type Recorder<'a> = &'a &'a Record<'a>;

/// The passes of samples that are processed side by side, by their place among them; all at one position of the network.
pub type Passes<'a> = &'a dyn Fn(usize) -> Pass<'a>;

impl Pass<'_> {
    /// A pass through a network of `depth` blocks; `key` names the run, the step and the sample. `stochastic_depth`
    /// is the rate of the last block.
    pub fn new(dropout: Dropout, stochastic_depth: StochasticDepth, depth: u32, key: Key) -> Self {
        Self { dropout, stochastic_depth, depth, block: 0, vector: 0, key, recorder: None }
    }

    /// The same pass, `blocks` further down the network.
    pub fn after(&self, blocks: usize) -> Self {
        Self { block: self.block + blocks as u32, ..*self }
    }

    /// The same pass within part number `index` of the current layer or block: independent random numbers.
    pub fn child(&self, index: u64) -> Self {
        Self { key: self.key.child(index), ..*self }
    }

    /// The same pass, through a network of `depth` blocks.
    pub fn of_depth(&self, depth: usize) -> Self {
        Self { depth: depth as u32, ..*self }
    }

    /// What this position draws from by itself.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The factor on a residual branch of the current block, `None` when it is left out.
    pub fn branch_scale(&self) -> Option<f32> {
        let rate = self.stochastic_depth.at(self.block, self.depth);
        // No key is computed where nothing is drawn.
        if rate.p <= 0.0 { Some(1.0) } else { rate.scale(self.block_key()) }
    }

    /// The same pass, `vectors` further along the axis that a layer runs across.
    pub fn from_vector(&self, vectors: usize) -> Self {
        Self { vector: self.vector + vectors as u32, ..*self }
    }

    /// The same pass, whose activations are recorded, if there is a recorder.
    pub fn with_recorder<'a>(self, recorder: Option<Recorder<'a>>) -> Pass<'a> {
        Pass { recorder, ..self }
    }

    /// From here on nothing is recorded.
    pub fn without_recorder(&mut self) {
        self.recorder = None;
    }

    /// Records what goes into the activations `A` after a layer with this bias.
    pub fn record<A: Activation>(&self, bias: &[f32], inputs: &[f32]) {
        if let Some(flat_below) = A::FLAT_BELOW {
            self.record_flat_below(bias, inputs, flat_below);
        }
    }

    /// The same of samples side by side.
    pub fn record_samples<A: Activation>(passes: Passes, bias: &[f32], inputs: &[f32]) {
        if A::FLAT_BELOW.is_some() {
            passes(0).record::<A>(bias, inputs);
        }
    }

    /// Out of line, so that it costs a program that records nothing as little as possible.
    #[inline(never)]
    fn record_flat_below(&self, bias: &[f32], inputs: &[f32], flat_below: f32) {
        if let Some(recorder) = self.recorder {
            recorder(bias, inputs, flat_below);
        }
    }

    /// Applies the dropout mask of this position to vectors, activations or, in the backward pass, their gradients: the
    /// rows of a matrix of rows of this length. Each vector has a mask of its own, so that they can be worked on in any
    /// portions.
    pub fn dropout_rows(&self, values: &mut [f32], length: usize) {
        if self.has_dropout() {
            for (index, row) in values.chunks_exact_mut(length.max(1)).enumerate() {
                self.dropout.apply(row, 1, self.vector_key(index));
            }
        }
    }

    /// The same for the columns of a matrix whose rows are `width` long.
    pub fn dropout_columns(&self, values: &mut [f32], width: usize) {
        if self.has_dropout() {
            for index in 0..width {
                let (_, column) = split_at(values, index);
                self.dropout.apply(column, width, self.vector_key(index));
            }
        }
    }

    /// The same for rows that belong to samples of their own, each by the mask of its pass within part number `part`.
    pub fn dropout_samples(passes: Passes, part: u64, values: &mut [f32], length: usize) {
        if passes(0).has_dropout() {
            for (sample, row) in values.chunks_exact_mut(length.max(1)).enumerate() {
                passes(sample).child(part).dropout_rows(row, length);
            }
        }
    }

    pub(crate) fn has_dropout(&self) -> bool {
        self.dropout.p > 0.0
    }

    fn vector_key(&self, index: usize) -> Key {
        self.block_key().child(u64::from(self.vector) + index as u64)
    }

    fn block_key(&self) -> Key {
        self.key.child(u64::from(self.block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use std::vec::Vec;

    fn pass(depth: u32) -> Pass<'static> {
        Pass::new(Dropout { p: 0.5 }, StochasticDepth { p: 0.5 }, depth, Key::new(4, Purpose::Mask))
    }

    #[test]
    fn every_block_and_every_part_has_a_mask_of_its_own() {
        let pass = pass(3);
        let places = [pass, pass.after(1), pass.after(2), pass.child(0), pass.child(1), pass.child(0).after(1)];
        let masks: Vec<_> = places
            .iter()
            .map(|place| {
                let mut mask = [1.0; 64];
                place.dropout_rows(&mut mask, 64);
                mask
            })
            .collect();
        for (i, mask) in masks.iter().enumerate() {
            assert!(!masks[..i].contains(mask), "mask {i} is an earlier one");
        }
    }

    #[test]
    fn a_vector_has_its_mask_wherever_it_lies() {
        let (mut rows, mut columns, mut later) = ([[1.0; 16]; 3], [[1.0; 3]; 16], [[1.0; 16]; 2]);
        pass(1).dropout_rows(rows.as_flattened_mut(), 16);
        pass(1).dropout_columns(columns.as_flattened_mut(), 3);
        pass(1).from_vector(1).dropout_rows(later.as_flattened_mut(), 16);
        assert_eq!(later, rows[1..]);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(*row, core::array::from_fn(|j| columns[j][i]));
        }
    }

    #[test]
    fn only_later_blocks_are_left_out() {
        let left_out = |block: usize| {
            (0..1000).filter(|&sample| pass(3).child(sample).after(block).branch_scale().is_none()).count()
        };
        assert_eq!(left_out(0), 0);
        assert!(left_out(1).abs_diff(250) < 60 && left_out(2).abs_diff(500) < 60);
    }
}
