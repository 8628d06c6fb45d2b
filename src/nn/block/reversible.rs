//! Reversible blocks, whose inputs are computed from their outputs.

use super::recomputation::Recompute;
use super::{Block, Branch, ChannelMixing, PreNormResidual, TokenMixing};
use crate::core::layout::{Layout, front, split_array, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::{add_scaled, copy};
use crate::kernels::rows::gather_columns;
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, All, Gelu, Trainable};
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// f and g on half the channels.
type Token<const N: usize, const T: usize, A, W> = TokenMixing<N, T, A, Recompute, W>;
type Channel<const HALF: usize, const H: usize, A, W> = ChannelMixing<HALF, H, A, Recompute, W>;

/// A Mixer block that can be run backwards (Gomez et al. 2017, [arXiv 1707.04585](https://arxiv.org/abs/1707.04585)) on
/// `N` tokens of `2 HALF` channels. With x₁ and x₂ the two halves of the channels, f and g token and channel mixing behind
/// a normalisation: y₁ = x₁ + s f(x₂), y₂ = x₂ + s g(y₁), where s is that of stochastic depth.
///
/// An architecture of its own: a [`MixerBlock`](super::MixerBlock) as wide mixes all channels at once. The normalisation
/// inside f and g bounds what rounding adds up to on the way back.
pub struct ReversibleBlock<const N: usize, const HALF: usize, const T: usize, const H: usize, A = Gelu, W = All> {
    /// f: `token_norm`, `token_mixing`
    pub token: PreNormResidual<Token<N, T, A, W>, HALF, Recompute>,
    /// g: `channel_norm`, `channel_mixing`
    pub channel: PreNormResidual<Channel<HALF, H, A, W>, HALF, Recompute>,
}

crate::params! {
    [const N: usize, const HALF: usize, const T: usize, const H: usize, A, W: Trainable]
    ReversibleBlock<N, HALF, T, H, A, W> {
        token: tree(PreNormResidual<Token<N, T, A, W>, HALF, Recompute>),
        channel: tree(PreNormResidual<Channel<HALF, H, A, W>, HALF, Recompute>),
    }
}

/// `L` blocks of which only the last output is kept: the backward pass computes the input of each block from its
/// output, so that depth costs no memory but parameters. Takes as many multiply-accumulates again as an evaluation.
pub struct Reversible<B, const L: usize> {
    /// The blocks, numbered as in an array.
    pub blocks: [B; L],
}

crate::params! {
    [B: Params, const L: usize] Reversible<B, L> {
        blocks: tree([B; L]),
    }
}

/// Which half of the channels, by its first.
#[derive(Clone, Copy)]
struct Side(usize);

impl Side {
    fn copy_to<const N: usize, const C: usize, const HALF: usize>(self, u: &mut [[f32; HALF]], x: &[[f32; C]; N]) {
        gather_columns(u.as_flattened_mut(), HALF, x.as_flattened(), C, self.0);
    }

    fn add<const N: usize, const C: usize, const HALF: usize>(
        self,
        x: &mut [[f32; C]; N],
        u: &[[f32; HALF]],
        factor: f32,
    ) {
        for (x, u) in x.iter_mut().zip(u) {
            add_scaled(x.get_mut(self.0..).unwrap_or_default(), u, factor);
        }
    }
}

/// `to += factor f(from)`
fn couple<const N: usize, const C: usize, const HALF: usize>(
    x: &mut [[f32; C]; N],
    (from, to): (Side, Side),
    factor: f32,
    scratch: &mut [f32],
    f: impl FnOnce(&mut [[f32; HALF]], &mut [f32]),
) {
    let (u, scratch) = split_at(scratch, N * HALF);
    let u = tokens(u);
    from.copy_to(u, x);
    f(u, scratch);
    to.add(x, u, factor);
}

/// `to += direction s f(from)` in training.
fn couple_in_training<const N: usize, const C: usize, const HALF: usize, F: Branch<N, HALF>, K>(
    f: &PreNormResidual<F, HALF, K>,
    x: &mut [[f32; C]; N],
    sides: (Side, Side),
    direction: f32,
    scratch: &mut [f32],
    pass: &Pass,
) {
    let Some(scale) = pass.child(0).branch_scale() else {
        return; // left out
    };
    couple(x, sides, direction * scale, scratch, |u, scratch| f.apply::<N>(u, scratch, &pass.child(1)));
}

/// `dfrom += s Jᵀ dto` with J the Jacobian of f at `from`.
fn couple_backward<const N: usize, const C: usize, const HALF: usize, F: Branch<N, HALF>, K>(
    f: &PreNormResidual<F, HALF, K>,
    grad: &mut [f32],
    (x, dx): (&[[f32; C]; N], &mut [[f32; C]; N]),
    (from, to): (Side, Side),
    scratch: &mut [f32],
    pass: &Pass,
) {
    let Some(scale) = pass.child(0).branch_scale() else {
        return; // left out
    };
    let ([u, dy], scratch) = Layout([N * HALF, N * HALF]).split(scratch);
    let (u, dy) = (tokens(u), tokens(dy));
    from.copy_to(u, x);
    to.copy_to(dy, dx);
    for dy in dy.as_flattened_mut() {
        *dy *= scale;
    }
    for (portion, (u, dy)) in u.chunks_mut(F::TOKENS).zip(dy.chunks_mut(F::TOKENS)).enumerate() {
        f.apply_backward(grad, u, dy, scratch, &pass.child(1).from_vector(portion * F::TOKENS));
    }
    from.add(dx, dy, 1.0);
}

impl<const N: usize, const HALF: usize, const T: usize, const H: usize, A: Activation, W: Trainable>
    ReversibleBlock<N, HALF, T, H, A, W>
{
    const LEFT_TO_RIGHT: (Side, Side) = (Side(0), Side(HALF));
    const RIGHT_TO_LEFT: (Side, Side) = (Side(HALF), Side(0));
    /// Values of the gradient that belong to f.
    const TOKEN: usize = <PreNormResidual<Token<N, T, A, W>, HALF, Recompute>>::TRAINABLE;

    fn infer<const C: usize>(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        couple(x, Self::RIGHT_TO_LEFT, 1.0, scratch, |u, scratch| self.token.infer_branch::<N>(u, scratch));
        couple(x, Self::LEFT_TO_RIGHT, 1.0, scratch, |u, scratch| self.channel.infer_branch::<N>(u, scratch));
    }

    fn forward<const C: usize>(&self, x: &mut [[f32; C]; N], scratch: &mut [f32], pass: &Pass) {
        couple_in_training(&self.token, x, Self::RIGHT_TO_LEFT, 1.0, scratch, &pass.child(0));
        couple_in_training(&self.channel, x, Self::LEFT_TO_RIGHT, 1.0, scratch, &pass.child(1));
    }

    /// `x`, the output, becomes the input, and `dx` the gradient with respect to it.
    fn backward<const C: usize>(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        dx: &mut [[f32; C]; N],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (token, channel) = split_at(grad, Self::TOKEN);
        couple_in_training(&self.channel, x, Self::LEFT_TO_RIGHT, -1.0, scratch, &pass.child(1));
        couple_backward(&self.channel, channel, (x, dx), Self::LEFT_TO_RIGHT, scratch, &pass.child(1));
        couple_in_training(&self.token, x, Self::RIGHT_TO_LEFT, -1.0, scratch, &pass.child(0));
        couple_backward(&self.token, token, (x, dx), Self::RIGHT_TO_LEFT, scratch, &pass.child(0));
    }
}

/// Of a branch that is run in both directions. In scratch is its input, which becomes its output, and in the backward pass a
/// gradient beside it.
const fn cost_of<const N: usize, const HALF: usize, F: Branch<N, HALF>>() -> Cost {
    Cost {
        scratch: 2 * N * HALF + <PreNormResidual<F, HALF, Recompute>>::apply_scratch::<N>(),
        infer_scratch: N * HALF + F::COST.infer_scratch,
        ..F::COST
    }
}

impl<const N: usize, const HALF: usize, const T: usize, const H: usize, A: Activation, W: Trainable>
    ReversibleBlock<N, HALF, T, H, A, W>
{
    const COST: Cost = {
        let branches = cost_of::<N, HALF, Token<N, T, A, W>>().then(cost_of::<N, HALF, Channel<HALF, H, A, W>>());
        Cost { max_grad: Self::TRAINABLE, depth: 1, ..branches }.recomputed(0)
    };
    const GRAPH: Graph = Graph::Coupled(
        &<PreNormResidual<Token<N, T, A, W>, HALF, Recompute>>::graph::<N>(),
        &<PreNormResidual<Channel<HALF, H, A, W>, HALF, Recompute>>::graph::<N>(),
    );
}

/// What is kept is the last output, in the backward pass that of the current block.
impl<const N: usize, const C: usize, const HALF: usize, const T: usize, const H: usize, const L: usize, A, W>
    Block<N, C> for Reversible<ReversibleBlock<N, HALF, T, H, A, W>, L>
where
    A: Activation,
    W: Trainable,
{
    const COST: Cost = {
        assert!(L > 0, "there is no block to reverse: write 1 or more for L");
        assert!(C == 2 * HALF, "a reversible block works on two halves of the channels: write HALF = C / 2");
        ReversibleBlock::<N, HALF, T, H, A, W>::COST.times(L).plus_saved(N * C)
    };
    const GRAPH: Graph = Graph::List(&[ReversibleBlock::<N, HALF, T, H, A, W>::GRAPH; L]);

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for block in &self.blocks {
            block.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.blocks.iter().enumerate() {
            block.forward(x, scratch, &pass.after(index));
        }
        copy(front(saved, N * C), x.as_flattened());
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (x, _) = split_array(saved);
        for (index, block) in self.blocks.iter().enumerate().rev() {
            let (rest, own) = split_at(grad, index * ReversibleBlock::<N, HALF, T, H, A, W>::TRAINABLE);
            block.backward(own, x, dx, scratch, &pass.after(index));
            grad = rest;
        }
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (x, _) = split_array(saved);
        for (index, block) in self.blocks.iter_mut().enumerate().rev() {
            update.apply(block, |block, grad| block.backward(grad, x, dx, scratch, &pass.after(index)));
        }
    }
}
