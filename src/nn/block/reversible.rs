//! Reversible blocks, whose inputs are worked out from their outputs.

use super::recomputation::Recompute;
use super::{Block, Branch, ChannelMixing, PreNormResidual, TokenMixing, max};
use crate::core::params::Params;
use crate::core::tensor::Windows;
use crate::kernels::fast::add_scaled;
use crate::kernels::rows::gather_columns;
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

/// `L` blocks of which only the last output is kept: the backward pass works out the input of each block from its
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

/// The input of a branch, which becomes its output, and in the backward pass a gradient.
type Halves<const N: usize, const HALF: usize> = ([[f32; HALF]; N], [[f32; HALF]; N]);
type Half<const N: usize, const HALF: usize> = ([[f32; HALF]; N],);

/// Which half of the channels, by its first.
#[derive(Clone, Copy)]
struct Side(usize);

impl Side {
    fn copy_to<const N: usize, const C: usize, const HALF: usize>(self, u: &mut [[f32; HALF]; N], x: &[[f32; C]; N]) {
        gather_columns(u.as_flattened_mut(), HALF, x.as_flattened(), C, self.0);
    }

    fn add<const N: usize, const C: usize, const HALF: usize>(
        self,
        x: &mut [[f32; C]; N],
        u: &[[f32; HALF]; N],
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
    f: impl FnOnce(&mut [[f32; HALF]; N], &mut [f32]),
) {
    let Some(((u,), scratch)) = Half::<N, HALF>::carve(scratch) else { return };
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
    let Some(scale) = pass.child(0).branch_scale() else { return };
    couple(x, sides, direction * scale, scratch, |u, scratch| f.apply(u, scratch, &pass.child(1)));
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
    let Some(scale) = pass.child(0).branch_scale() else { return };
    let Some(((u, dy), scratch)) = Halves::<N, HALF>::carve(scratch) else { return };
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
        couple(x, Self::RIGHT_TO_LEFT, 1.0, scratch, |u, scratch| self.token.infer_branch(u, scratch));
        couple(x, Self::LEFT_TO_RIGHT, 1.0, scratch, |u, scratch| self.channel.infer_branch(u, scratch));
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
        let Some((token, channel)) = grad.split_at_mut_checked(Self::TOKEN) else { return };
        couple_in_training(&self.channel, x, Self::LEFT_TO_RIGHT, -1.0, scratch, &pass.child(1));
        couple_backward(&self.channel, channel, (x, dx), Self::LEFT_TO_RIGHT, scratch, &pass.child(1));
        couple_in_training(&self.token, x, Self::RIGHT_TO_LEFT, -1.0, scratch, &pass.child(0));
        couple_backward(&self.token, token, (x, dx), Self::RIGHT_TO_LEFT, scratch, &pass.child(0));
    }
}

/// The last output, in the backward pass that of the current block.
type Output<const N: usize, const C: usize> = ([[f32; C]; N],);

/// `f32` that the backward pass of one of them needs.
const fn scratch_of<const N: usize, const HALF: usize, F: Branch<N, HALF>>() -> usize {
    Halves::<N, HALF>::LEN + <PreNormResidual<F, HALF, Recompute>>::apply_scratch::<N>()
}

impl<const N: usize, const C: usize, const HALF: usize, const T: usize, const H: usize, const L: usize, A, W>
    Block<N, C> for Reversible<ReversibleBlock<N, HALF, T, H, A, W>, L>
where
    A: Activation,
    W: Trainable,
{
    const DEPTH: usize = L;
    const SAVED: usize = {
        assert!(C == 2 * HALF, "a reversible block works on two halves of the channels: write HALF = C / 2");
        Output::<N, C>::LEN
    };
    const SCRATCH: usize =
        max(scratch_of::<N, HALF, Token<N, T, A, W>>(), scratch_of::<N, HALF, Channel<HALF, H, A, W>>());
    const INFER: usize = Half::<N, HALF>::LEN
        + max(<Token<N, T, A, W> as Branch<N, HALF>>::INFER, <Channel<HALF, H, A, W> as Branch<N, HALF>>::INFER);
    const MACS: usize =
        L * (<Token<N, T, A, W> as Branch<N, HALF>>::MACS + <Channel<HALF, H, A, W> as Branch<N, HALF>>::MACS);
    const TRAIN_MACS: usize = <Self as Block<N, C>>::MACS
        + L * (<Token<N, T, A, W> as Branch<N, HALF>>::TRAIN_MACS
            + <Channel<HALF, H, A, W> as Branch<N, HALF>>::TRAIN_MACS);
    const UNIT: usize = <ReversibleBlock<N, HALF, T, H, A, W>>::TRAINABLE;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for block in &self.blocks {
            block.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.blocks.iter().enumerate() {
            block.forward(x, scratch, &pass.after(index));
        }
        let Some(((output,), _)) = Output::<N, C>::carve(saved) else { return };
        output.copy_from_slice(x);
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some(((x,), _)) = Output::<N, C>::carve(saved) else { return };
        for (index, block) in self.blocks.iter().enumerate().rev() {
            let Some((rest, own)) =
                grad.split_at_mut_checked(index * ReversibleBlock::<N, HALF, T, H, A, W>::TRAINABLE)
            else {
                return;
            };
            block.backward(own, x, dx, scratch, &pass.after(index));
            grad = rest;
        }
    }

    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some(((x,), _)) = Output::<N, C>::carve(saved) else { return };
        for (index, block) in self.blocks.iter_mut().enumerate().rev() {
            updates.unit(block, |block, grad| block.backward(grad, x, dx, scratch, &pass.after(index)));
        }
    }
}
