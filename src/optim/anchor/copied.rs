//! A copy of the weights in RAM.

use super::{Anchor, Work};
use crate::core::archive::Archive;
use crate::core::count::next;
use crate::core::params::Leaf;
use crate::core::params::flat::{window, window_mut};
use crate::core::tensor::Tensor;
use crate::kernels::arch::copy;
use crate::optim::cuts::pieces;

/// The weights as they were before the first step, `[f32; Net::TRAINABLE]`: those of a file, of a server, or of the run before.
pub struct Copied<W> {
    weights: W,
    steps: u32,
}

impl<W: Tensor> Anchor for Copied<W> {
    type Config = ();

    const ZERO: Self = Self { weights: W::ZERO, steps: 0 };
    const CAPACITY: usize = W::LEN;
    const COPY_BYTES: usize = size_of::<W>();

    fn init(&mut self, (): ()) {
        self.weights.flat_mut().fill(0.0);
        self.steps = 0;
    }

    fn begin(&mut self) {
        self.steps = next(self.steps);
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        archive.part("copied");
        archive.count(&mut self.steps);
        archive.finite(window_mut(self.weights.flat_mut(), 0, trained));
    }

    fn compare(&mut self, _: &Leaf, weights: &mut [f32], first: usize, in_blocks: bool, work: Work) {
        let own = window_mut(self.weights.flat_mut(), first, weights.len());
        if self.steps <= 1 {
            copy(own, weights);
        }
        for piece in pieces(first, weights.len(), in_blocks) {
            let (start, length) = (piece.start, piece.len());
            work(first + start..first + piece.end, window_mut(weights, start, length), window(own, start, length));
        }
    }
}
