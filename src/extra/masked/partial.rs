//! Blocks that can work on some of their tokens.

use crate::core::layout::split_at;
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::block::{Along, AlongChannels, Block, Mixing, PreNormResidual, ResidualPair};
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
    /// Memory and computing.
    const COST: Cost;

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
    const COST: Cost = <Self as Block<V, C>>::COST;

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
    const COST: Cost = Cost { depth: 1, ..A::COST.then(B::COST) };

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        self.first.infer(x, visible, scratch);
        self.second.infer(x, visible, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, second) = split_at(saved, A::COST.saved);
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
        let (first, second) = split_at(saved, A::COST.saved);
        let (grad_first, grad_second) = split_at(grad, A::TRAINABLE);
        self.second.backward(grad_second, dx, visible, second, scratch, &pass.child(1));
        self.first.backward(grad_first, dx, visible, first, scratch, &pass.child(0));
    }
}

impl<const N: usize, const V: usize, const C: usize, const L: usize, B: Partial<N, V, C>> Partial<N, V, C> for [B; L] {
    const COST: Cost = B::COST.times(L);

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        for block in self {
            block.infer(x, visible, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.iter().enumerate() {
            let (own, rest) = split_at(saved, B::COST.saved);
            block.forward(x, visible, own, scratch, &pass.after(index * B::COST.depth));
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
            let (rest, own) = split_at(saved, index * B::COST.saved);
            let (grad_rest, grad_own) = split_at(grad, index * B::TRAINABLE);
            block.backward(grad_own, dx, visible, own, scratch, &pass.after(index * B::COST.depth));
            (saved, grad) = (rest, grad_rest);
        }
    }
}
