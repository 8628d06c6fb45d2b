//! Stacks of blocks of which only every k-th input is kept.

use super::Block;
use crate::core::params::{Leaf, Params, Path, Visit};
use crate::core::tensor::Windows;
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

    fn walk_at<const TREES: usize>(path: &Path, mut trees: [&mut Self; TREES], visit: Visit<TREES>) {
        for index in 0..SEGMENTS {
            let segments = trees.each_mut().map(|tree| &mut tree.segments[index]);
            Params::walk_at(&Path::After(path, index * EVERY), segments, visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        for (index, segment) in self.segments.iter().enumerate() {
            segment.read_at(&Path::After(path, index * EVERY), visit);
        }
    }
}

/// The input of a segment, on which the repeated forward pass works in place.
type Input<const N: usize, const C: usize> = ([[f32; C]; N],);

impl<B, const EVERY: usize, const SEGMENTS: usize> Checkpointed<B, EVERY, SEGMENTS> {
    /// What the blocks of a segment keep, and their scratch.
    fn cut<const N: usize, const C: usize>(scratch: &mut [f32]) -> Option<(&mut [f32], &mut [f32])>
    where
        B: Block<N, C>,
    {
        scratch.split_at_mut_checked(EVERY * B::SAVED)
    }
}

impl<const N: usize, const C: usize, B: Block<N, C>, const EVERY: usize, const SEGMENTS: usize> Block<N, C>
    for Checkpointed<B, EVERY, SEGMENTS>
{
    const DEPTH: usize = SEGMENTS * EVERY * B::DEPTH;
    const SAVED: usize = SEGMENTS * Input::<N, C>::LEN;
    const SCRATCH: usize = EVERY * B::SAVED + B::SCRATCH;
    const INFER: usize = B::INFER;
    const MACS: usize = SEGMENTS * EVERY * B::MACS;
    const TRAIN_MACS: usize = SEGMENTS * EVERY * (B::MACS + B::TRAIN_MACS);
    const UNIT: usize = B::UNIT;
    const FROZEN: bool = B::FROZEN;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for segment in &self.segments {
            segment.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((inner, scratch)) = Self::cut(scratch) else { return };
        for (index, segment) in self.segments.iter().enumerate() {
            let Some(((input,), rest)) = Input::<N, C>::carve(saved) else { return };
            input.copy_from_slice(x);
            segment.forward(x, inner, scratch, &pass.after(index * EVERY * B::DEPTH));
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
        let Some((inner, scratch)) = Self::cut(scratch) else { return };
        for (index, segment) in self.segments.iter().enumerate().rev() {
            let Some((rest, own)) = saved.split_at_mut_checked(index * N * C) else { return };
            let Some((grad_rest, grad_own)) = grad.split_at_mut_checked(index * EVERY * B::TRAINABLE) else { return };
            let Some(((input,), _)) = Input::<N, C>::carve(own) else { return };
            let pass = pass.after(index * EVERY * B::DEPTH);
            segment.forward(input, inner, scratch, &pass);
            segment.backward(grad_own, dx, inner, scratch, &pass);
            (saved, grad) = (rest, grad_rest);
        }
    }

    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((inner, scratch)) = Self::cut(scratch) else { return };
        for (index, segment) in self.segments.iter_mut().enumerate().rev() {
            let Some((rest, own)) = saved.split_at_mut_checked(index * N * C) else { return };
            let Some(((input,), _)) = Input::<N, C>::carve(own) else { return };
            let pass = pass.after(index * EVERY * B::DEPTH);
            segment.forward(input, inner, scratch, &pass);
            segment.backward_update(updates, dx, inner, scratch, &pass);
            saved = rest;
        }
    }
}
