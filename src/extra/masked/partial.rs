//! Blocks that can work on some of their tokens.

use crate::core::params::Params;
use crate::nn::block::{Along, AlongChannels, Block, Mixing, PreNormResidual, ResidualPair, max};
use crate::nn::layer::{Activation, Trainable};
use crate::nn::pass::Pass;

/// A block on `N` tokens of `C` channels, or a stack of them, that can work on `V` of the tokens, with the same
/// weights.
///
/// Lengths and passes are those of a [`Block`] on `V` tokens; `visible` says which of the `N` tokens these are.
#[diagnostic::on_unimplemented(
    message = "this block cannot work on some of its tokens",
    note = "Mixer blocks that keep everything can (`MixerBlock<.., Keep>`), and arrays of them; any block works on all \
            tokens: write `Replace` for `Subset`"
)]
pub trait Partial<const N: usize, const V: usize, const C: usize>: Params {
    /// Number of blocks in the sense of stochastic depth.
    const DEPTH: usize;
    /// `f32` kept from forward to backward, per sample.
    const SAVED: usize;
    /// `f32` needed while a training pass runs.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample, those of matrix products.
    const MACS: usize;
    /// The same for a training pass, forward and backward.
    const TRAIN_MACS: usize = 3 * Self::MACS;

    /// Evaluation: updates the tokens and keeps nothing.
    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]);

    /// Training: updates the tokens and keeps in `saved` what the backward pass needs.
    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Turns `dx`, the gradient with respect to the output, into the one with respect to the input and adds the
    /// parameters' gradients to `grad`.
    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// Channel mixing looks at each token by itself.
impl<const N: usize, const V: usize, const C: usize, const H: usize, A, K, W, M> Partial<N, V, C>
    for PreNormResidual<Mixing<AlongChannels, C, H, A, K, W>, C, M>
where
    A: Activation,
    W: Trainable,
    AlongChannels: Along<V, C, C>,
    Self: Block<V, C>,
{
    const DEPTH: usize = <Self as Block<V, C>>::DEPTH;
    const SAVED: usize = <Self as Block<V, C>>::SAVED;
    const SCRATCH: usize = <Self as Block<V, C>>::SCRATCH;
    const INFER: usize = <Self as Block<V, C>>::INFER;
    const MACS: usize = <Self as Block<V, C>>::MACS;
    const TRAIN_MACS: usize = <Self as Block<V, C>>::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; V], _: &[u16], scratch: &mut [f32]) {
        Block::infer(self, x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; V], _: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        Block::forward(self, x, saved, scratch, pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        _: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        Block::backward(self, grad, dx, saved, scratch, pass);
    }
}

impl<const N: usize, const V: usize, const C: usize, A: Partial<N, V, C>, B: Partial<N, V, C>> Partial<N, V, C>
    for ResidualPair<A, B>
{
    const DEPTH: usize = 1;
    const SAVED: usize = A::SAVED + B::SAVED;
    const SCRATCH: usize = max(A::SCRATCH, B::SCRATCH);
    const INFER: usize = max(A::INFER, B::INFER);
    const MACS: usize = A::MACS + B::MACS;
    const TRAIN_MACS: usize = A::TRAIN_MACS + B::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        self.first.infer(x, visible, scratch);
        self.second.infer(x, visible, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        self.first.forward(x, visible, first, scratch, &pass.child(0));
        self.second.forward(x, visible, second, scratch, &pass.child(1));
    }

    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some((grad_first, grad_second)) = grad.split_at_mut_checked(A::TRAINABLE) else { return };
        self.second.backward(grad_second, dx, visible, second, scratch, &pass.child(1));
        self.first.backward(grad_first, dx, visible, first, scratch, &pass.child(0));
    }
}

impl<const N: usize, const V: usize, const C: usize, const L: usize, B: Partial<N, V, C>> Partial<N, V, C> for [B; L] {
    const DEPTH: usize = L * B::DEPTH;
    const SAVED: usize = L * B::SAVED;
    const SCRATCH: usize = B::SCRATCH;
    const INFER: usize = B::INFER;
    const MACS: usize = L * B::MACS;
    const TRAIN_MACS: usize = L * B::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        for block in self {
            block.infer(x, visible, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.iter().enumerate() {
            let Some((own, rest)) = saved.split_at_mut_checked(B::SAVED) else { return };
            block.forward(x, visible, own, scratch, &pass.after(index * B::DEPTH));
            saved = rest;
        }
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, block) in self.iter().enumerate().rev() {
            let Some((rest, own)) = saved.split_at_mut_checked(index * B::SAVED) else { return };
            let Some((grad_rest, grad_own)) = grad.split_at_mut_checked(index * B::TRAINABLE) else { return };
            block.backward(grad_own, dx, visible, own, scratch, &pass.after(index * B::DEPTH));
            (saved, grad) = (rest, grad_rest);
        }
    }
}
