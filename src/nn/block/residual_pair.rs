//! Two residual branches that make one block, and the Mixer block.

use core::marker::PhantomData;

use super::recomputation::{EachBranch, FirstBranch, Keep, Recomputation, Recompute};
use super::{Block, Branch, ChannelMixing, PreNormResidual, TokenMixing};
use crate::core::layout::{front, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::{Cost, max};
use crate::kernels::arch::copy;
use crate::nn::graph::Graph;
use crate::nn::layer::{All, Gelu};
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// The block of an MLP-Mixer (Tolstikhin et al. 2021, [arXiv 2105.01601](https://arxiv.org/abs/2105.01601)) on `N`
/// tokens of `C` channels: token mixing with `T` hidden units, then channel mixing with `H` hidden units, each a
/// pre-norm residual.
///
/// `A` is the activation, `K` says what is kept for the backward pass ([`KeepSlopes`](super::KeepSlopes), [`Keep`],
/// [`Recompute`] or [`BlockInput`](super::BlockInput)), and `W` what is trained ([`All`] or [`BitFit`](crate::nn::layer::BitFit)).
pub type MixerBlock<const N: usize, const C: usize, const T: usize, const H: usize, A = Gelu, K = Keep, W = All> =
    ResidualPair<
        PreNormResidual<TokenMixing<N, T, A, <K as Recomputation>::Branch, W>, C, <K as Recomputation>::Residual>,
        PreNormResidual<ChannelMixing<C, H, A, <K as Recomputation>::Branch, W>, C, <K as Recomputation>::Residual>,
        <K as Recomputation>::Block,
    >;

/// Two residual branches, one after the other, that count as one block: stochastic depth gives both the same rate and
/// draws for each by itself. Their leaves stand side by side under the block.
pub struct ResidualPair<A, B, K = EachBranch> {
    /// The branch that comes first.
    pub first: A,
    /// The branch that works on what the first has left.
    pub second: B,
    memory: PhantomData<K>,
}

crate::params! {
    [A: Params, B: Params, K] ResidualPair<A, B, K> {
        first: tree(A),
        second: tree(B),
        memory: tree(PhantomData<K>),
    }
}

impl<const N: usize, const C: usize, A: Block<N, C>, B: Block<N, C>> Block<N, C> for ResidualPair<A, B> {
    const COST: Cost = Cost { depth: 1, ..A::COST.then(B::COST) };
    const GRAPH: Graph = Graph::Sequence(&[A::GRAPH, B::GRAPH]);

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.first.infer(x, scratch);
        self.second.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, second) = split_at(saved, A::COST.saved);
        self.first.forward(x, first, scratch, &pass.child(0));
        self.second.forward(x, second, scratch, &pass.child(1));
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, second) = split_at(saved, A::COST.saved);
        let (grad_first, grad_second) = split_at(grad, A::TRAINABLE);
        self.second.backward(grad_second, dx, second, scratch, &pass.child(1));
        self.first.backward(grad_first, dx, first, scratch, &pass.child(0));
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (first, second) = split_at(saved, A::COST.saved);
        self.second.backward_update(update, dx, second, scratch, &pass.child(1));
        self.first.backward_update(update, dx, first, scratch, &pass.child(0));
    }
}

/// Two branches of which only the input of the first is kept: the backward pass repeats the first to get at the input of
/// the second.
type FirstInputKept<F, G, const C: usize, const V: usize> =
    ResidualPair<PreNormResidual<F, C, Recompute<V>>, PreNormResidual<G, C, Recompute<V>>, FirstBranch>;

/// Kept is the block's input; in scratch is the input of the second branch.
impl<const N: usize, const C: usize, const V: usize, F: Branch<N, C>, G: Branch<N, C>> Block<N, C>
    for FirstInputKept<F, G, C, V>
{
    const COST: Cost = {
        let first = <PreNormResidual<F, C, Recompute<V>> as Block<N, C>>::COST;
        let second = <PreNormResidual<G, C, Recompute<V>> as Block<N, C>>::COST;
        Cost {
            saved: N * C,
            scratch: max(first.scratch, N * C + max(F::COST.scratch, second.scratch)),
            train_macs: first.train_macs + first.macs + second.train_macs,
            depth: 1,
            ..first.then(second)
        }
    };
    const GRAPH: Graph = Graph::Sequence(&[
        <PreNormResidual<F, C, Recompute<V>> as Block<N, C>>::GRAPH,
        <PreNormResidual<G, C, Recompute<V>> as Block<N, C>>::GRAPH,
    ]);

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        Block::infer(&self.first, x, scratch);
        Block::infer(&self.second, x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.first.forward(x, saved, scratch, &pass.child(0));
        let (input, scratch) = split_at(scratch, N * C);
        copy(input, x.as_flattened());
        self.second.replay(input, x, scratch, &pass.child(1));
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (grad_first, grad_second) = split_at(grad, Self::FIRST);
        repeat_and_go_back(&self.first, &self.second, grad_second, dx, (&mut *saved, &mut *scratch), pass);
        self.first.backward(grad_first, dx, saved, scratch, &pass.child(0));
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Self { first, second, .. } = self;
        update.apply(second, |second, grad| {
            repeat_and_go_back(first, second, grad, dx, (&mut *saved, &mut *scratch), pass);
        });
        first.backward_update(update, dx, saved, scratch, &pass.child(0));
    }
}

impl<F: Params, G: Params, const C: usize, const V: usize> FirstInputKept<F, G, C, V>
where
    PreNormResidual<F, C, Recompute<V>>: Params,
{
    /// Values of the gradient that belong to the first branch.
    const FIRST: usize = <PreNormResidual<F, C, Recompute<V>> as Params>::TRAINABLE;
}

/// The backward pass of the second branch, whose input the first gives once more.
fn repeat_and_go_back<const N: usize, const C: usize, F: Branch<N, C>, G: Branch<N, C>, K>(
    first: &PreNormResidual<F, C, K>,
    second: &PreNormResidual<G, C, K>,
    grad: &mut [f32],
    dx: &mut [[f32; C]; N],
    (saved, scratch): (&mut [f32], &mut [f32]),
    pass: &Pass,
) {
    let input = front(saved, N * C);
    let (between, scratch) = split_at(scratch, N * C);
    copy(between, input);
    first.replay(input, tokens(between), scratch, &pass.child(0));
    second.replay_backward(grad, tokens(between), dx, scratch, &pass.child(1));
}
