//! Stacks of blocks of which only every k-th input is kept.

use super::Block;
use crate::core::layout::{split_array, split_at};
use crate::core::params::{Leaf, Params, Path, Visit, VisitField, VisitStart};
use crate::core::size::Cost;
use crate::kernels::arch::copy;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// `EVERY * SEGMENTS` blocks, numbered as in an array, of which the input of every `EVERY`-th is kept (gradient
/// checkpointing; Chen et al. 2016, [arXiv 1604.06174](https://arxiv.org/abs/1604.06174)): the backward pass repeats the
/// forward pass of one segment at a time, and what its blocks keep lies in scratch. Takes as many multiply-accumulates
/// again as an evaluation; the gradient is the same to the last bit.
pub struct Checkpointed<B, const EVERY: usize, const SEGMENTS: usize> {
    /// The blocks, segment by segment.
    pub segments: [[B; EVERY]; SEGMENTS],
}

impl<B: Params, const EVERY: usize, const SEGMENTS: usize> Params for Checkpointed<B, EVERY, SEGMENTS> {
    const ZERO: Self = Self { segments: Params::ZERO };
    const COUNT: usize = SEGMENTS * EVERY * B::COUNT;
    const TRAINABLE: usize = SEGMENTS * EVERY * B::TRAINABLE;
    const LEAVES: usize = SEGMENTS * EVERY * B::LEAVES;

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        for (index, segment) in self.segments.iter_mut().enumerate() {
            segment.walk_at(&Path::After(path, index * EVERY), visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        for (index, segment) in self.segments.iter().enumerate() {
            segment.read_at(&Path::After(path, index * EVERY), visit);
        }
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        self.segments.fields_at(&Path::Field(path, "segments"), visit);
    }

    fn starts(visit: VisitStart) {
        <[[B; EVERY]; SEGMENTS]>::starts(visit);
    }
}

/// The inputs of all segments are kept, on which the repeated forward pass works in place. In scratch is what the blocks of a
/// segment keep, and their own scratch.
impl<const N: usize, const C: usize, B: Block<N, C>, const EVERY: usize, const SEGMENTS: usize> Block<N, C>
    for Checkpointed<B, EVERY, SEGMENTS>
{
    const COST: Cost = {
        assert!(EVERY > 0 && SEGMENTS > 0, "there is nothing to keep: write 1 or more for EVERY and for SEGMENTS");
        B::COST.times(EVERY).recomputed(N * C).times(SEGMENTS)
    };
    const GRAPH: Graph = Graph::List(&[Graph::Part(&[B::GRAPH; EVERY]); SEGMENTS]);
    const FROZEN: bool = B::FROZEN;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for segment in &self.segments {
            segment.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (inner, scratch) = split_at(scratch, EVERY * B::COST.saved);
        for (index, segment) in self.segments.iter().enumerate() {
            let (input, rest) = split_at(saved, N * C);
            copy(input, x.as_flattened());
            segment.forward(x, inner, scratch, &pass.after(index * EVERY * B::COST.depth));
            saved = rest;
        }
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (inner, scratch) = split_at(scratch, EVERY * B::COST.saved);
        for (index, segment) in self.segments.iter().enumerate().rev() {
            let (rest, own) = split_at(saved, index * N * C);
            let (grad_rest, grad_own) = split_at(grad, index * EVERY * B::TRAINABLE);
            let (input, _) = split_array(own);
            let pass = pass.after(index * EVERY * B::COST.depth);
            segment.forward(input, inner, scratch, &pass);
            segment.backward(grad_own, dx, inner, scratch, &pass);
            (saved, grad) = (rest, grad_rest);
        }
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (inner, scratch) = split_at(scratch, EVERY * B::COST.saved);
        for (index, segment) in self.segments.iter_mut().enumerate().rev() {
            let (rest, own) = split_at(saved, index * N * C);
            let (input, _) = split_array(own);
            let pass = pass.after(index * EVERY * B::COST.depth);
            segment.forward(input, inner, scratch, &pass);
            segment.backward_update(update, dx, inner, scratch, &pass);
            saved = rest;
        }
    }
}
