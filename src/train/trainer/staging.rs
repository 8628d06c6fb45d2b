//! Other weights that come part by part and are taken all at once.

use super::{Trainer, split_arena};
use crate::core::params::flat::window;
use crate::core::tensor::Tensor;
use crate::nn::loss::Loss;
use crate::nn::net::Model;
use crate::optim::Optimizer;

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Trainer<M, L, O, A> {
    /// Staging memory for other values of the trained weights, in the order of the walk, to be filled part by part as over a
    /// slow link: the memory of the gradient. `None` while samples wait for a step. The next sample takes the memory back,
    /// and staged weights are lost unless [`commit`](Self::commit) came first.
    pub fn staged_weights(&mut self) -> Option<&mut [f32]> {
        if self.progress.samples > 0 {
            return None;
        }
        self.staged = true;
        Some(split_arena::<M, A>(&mut self.arena).0)
    }

    /// Whether the memory of the gradient holds [`staged_weights`](Self::staged_weights).
    pub fn is_staged(&self) -> bool {
        self.staged
    }

    /// Replaces the weights, all at once, by the [`staged_weights`](Self::staged_weights); without any it does nothing.
    /// Moments, progress and settings stay.
    pub fn commit(&mut self) {
        if self.staged {
            let (staged, _) = split_arena::<M, A>(&mut self.arena);
            self.weights.walk_trained(&mut |_, weights, first| {
                // Not `copy_from_slice`, which leaves a panic in code that is optimised for a board.
                let staged = window(staged, first, weights.len());
                for (weight, staged) in weights.iter_mut().zip(staged) {
                    *weight = *staged;
                }
            });
            self.zero_grad();
        }
    }

    /// Makes the memory of the gradient one again.
    pub(in crate::train) fn unstage(&mut self) {
        if self.staged {
            self.zero_grad();
        }
    }
}
