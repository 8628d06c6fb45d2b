//! Residual blocks of convolutions with the activation before each (He et al. 2016,
//! [arXiv 1603.05027](https://arxiv.org/abs/1603.05027)).

use core::marker::PhantomData;

use super::{Block, Label, max};
use crate::kernels::fast::{add_scaled, copy};
use crate::kernels::rows::{multiply, scaled};
use crate::layer::{Activation, Conv1d, DepthwiseConv1d, Full, LayerNorm, Linear, Relu, TokenMap};
use crate::params::Params;
use crate::pass::Pass;

/// ResNet's block: LayerNorm, activation and convolution with `K` taps, twice.
pub type ResNetBlock<const C: usize, const K: usize, A = Relu, W = Full> =
    PreActivation<Unit<First, C, Conv1d<C, C, C, K, 1, W>, A>, Unit<Second, C, Conv1d<C, C, C, K, 1, W>, A>>;

/// ResNeXt's bottleneck (Xie et al. 2017, [arXiv 1611.05431](https://arxiv.org/abs/1611.05431)): to `M` channels, a grouped
/// convolution with `K` taps where each channel sees `PER_GROUP`, and back to `C`.
pub type ResNextBlock<const C: usize, const M: usize, const PER_GROUP: usize, const K: usize, A = Relu, W = Full> =
    PreActivation<
        (Unit<First, C, Linear<C, M, W>, A>, Unit<Second, M, Conv1d<M, M, PER_GROUP, K, 1, W>, A>),
        Unit<Third, M, Linear<M, C, W>, A>,
    >;

/// A depthwise-separable convolution (Chollet 2017, [arXiv 1610.02357](https://arxiv.org/abs/1610.02357)): to `E` channels, a
/// depthwise convolution with `K` taps, and back to `C`. `E` = `C` is the plain one, a multiple of it the inverted bottleneck
/// of MobileNetV2.
pub type SeparableBlock<const C: usize, const E: usize, const K: usize, A = Relu, W = Full> =
    PreActivation<Unit<First, C, (Linear<C, E, W>, DepthwiseConv1d<E, K, W>), A>, Unit<Second, E, Linear<E, C, W>, A>>;

/// `x + s f(x)` where f is a chain of [`Unit`]s, the last of them by itself, and s comes from stochastic depth. The sources
/// normalise over a batch; here it is LayerNorm over the channels of each token, because samples are worked on one by one
/// and a device that learns has no batch to take statistics from.
pub struct PreActivation<A, B> {
    /// All units but the last.
    pub first: A,
    /// The last unit.
    pub last: B,
}

crate::params! {
    [A: Params, B: Params] PreActivation<A, B> {
        first: tree(A),
        last: tree(B),
    }
}

/// LayerNorm over `C` channels, activation, linear map.
pub struct Unit<L, const C: usize, M, A = Relu> {
    /// `norm1`, `norm2` or `norm3`
    pub norm: LayerNorm<C>,
    /// `conv1`, `conv2` or `conv3`
    pub map: M,
    choice: PhantomData<(L, A)>,
}

crate::params! {
    [L: Label, const C: usize, M: Params, A] Unit<L, C, M, A> {
        norm: tree(LayerNorm<C>, L::NORM),
        map: tree(M, L::NAME),
        choice: tree(PhantomData<(L, A)>),
    }
}

macro_rules! place {
    ($name:ident $conv:literal $norm:literal) => {
        /// The place of a unit in its block, which gives its parameters their names.
        pub struct $name;

        impl Label for $name {
            const NAME: &'static str = $conv;
            const NORM: &'static str = $norm;
        }
    };
}
place!(First "conv1" "norm1");
place!(Second "conv2" "norm2");
place!(Third "conv3" "norm3");

/// A [`Unit`], or a pair of chains, one after the other.
pub trait Chain<const N: usize>: Params {
    /// Channels of the input.
    const IN: usize;
    /// Channels of the output.
    const OUT: usize;
    /// `f32` kept from forward to backward, the input among them.
    const SAVED: usize;
    /// `f32` needed while a training pass runs.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample.
    const MACS: usize;
    /// The same for a training pass, forward and backward.
    const TRAIN_MACS: usize;

    /// Evaluation: `x` may be overwritten.
    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]);

    /// Training: the input is in front of `saved`, and may become something else.
    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// `dx` becomes the gradient with respect to the input; adds to `grad`.
    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// x̂ and 1/σ of the normalisation are kept; the map's own follow. In the backward pass scratch holds the activation and its
/// slope.
impl<const N: usize, L: Label, const C: usize, M: TokenMap<N>, A: Activation> Chain<N> for Unit<L, C, M, A> {
    const IN: usize = C;
    const OUT: usize = M::OUT;
    const SAVED: usize = {
        assert!(M::IN == C, "the map takes another number of channels than there are");
        N * C + N + M::SAVED
    };
    const SCRATCH: usize = 2 * N * C + M::SCRATCH;
    const INFER: usize = M::INFER;
    const MACS: usize = M::MACS;
    const TRAIN_MACS: usize = M::TRAIN_MACS;

    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]) {
        self.norm.infer(x.as_chunks_mut().0);
        A::apply_in_place(x);
        self.map.infer(x, y, scratch);
    }

    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((normalized, rstd, saved)) = cut::<N, C>(saved) else { return };
        let Some((active, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, active.as_chunks_mut().0);
        A::apply_in_place(active);
        pass.dropout_rows(active, C);
        self.map.forward(active, y, saved, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((normalized, rstd, saved)) = cut::<N, C>(saved) else { return };
        let Some((active, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        let Some((slope, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        let Some((grad_norm, grad_map)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINED) else { return };
        self.norm.affine(normalized, slope.as_chunks_mut().0);
        A::apply_with_slope(slope, active);
        pass.dropout_rows(active, C);
        self.map.backward(grad_map, active, dy, dx, saved, scratch);
        pass.dropout_rows(dx, C);
        multiply(dx, slope);
        self.norm.backward(grad_norm, normalized, rstd, dx.as_chunks_mut().0);
    }
}

/// x̂, 1/σ and the rest.
type Cut<'a, const C: usize> = (&'a mut [[f32; C]], &'a mut [f32], &'a mut [f32]);

fn cut<const N: usize, const C: usize>(saved: &mut [f32]) -> Option<Cut<'_, C>> {
    let (normalized, saved) = saved.split_at_mut_checked(N * C)?;
    let (rstd, saved) = saved.split_at_mut_checked(N)?;
    Some((normalized.as_chunks_mut().0, rstd, saved))
}

impl<const N: usize, A: Chain<N>, B: Chain<N>> Chain<N> for (A, B) {
    const IN: usize = A::IN;
    const OUT: usize = B::OUT;
    const SAVED: usize = {
        assert!(A::OUT == B::IN, "the second unit takes other channels than the first gives");
        A::SAVED + B::SAVED
    };
    const SCRATCH: usize = N * B::IN + max(A::SCRATCH, B::SCRATCH);
    const INFER: usize = N * B::IN + max(A::INFER, B::INFER);
    const MACS: usize = A::MACS + B::MACS;
    const TRAIN_MACS: usize = A::TRAIN_MACS + B::TRAIN_MACS;

    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]) {
        let Some((between, scratch)) = scratch.split_at_mut_checked(N * B::IN) else { return };
        self.0.infer(x, between, scratch);
        self.1.infer(between, y, scratch);
    }

    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some(between) = second.get_mut(..N * B::IN) else { return };
        self.0.forward(first, between, scratch, &pass.part(0));
        self.1.forward(second, y, scratch, &pass.part(1));
    }

    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((first, second)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some((grad_first, grad_second)) = grad.split_at_mut_checked(A::TRAINED) else { return };
        let Some((dbetween, scratch)) = scratch.split_at_mut_checked(N * B::IN) else { return };
        self.1.backward(grad_second, second, dy, dbetween, scratch, &pass.part(1));
        self.0.backward(grad_first, first, dbetween, dx, scratch, &pass.part(0));
    }
}

/// Scratch holds the output of the branch, in the backward pass its gradient, which becomes that of the input, and between
/// them the gradient of what the last unit gets.
impl<const N: usize, const C: usize, A: Chain<N>, B: Chain<N>> Block<N, C> for PreActivation<A, B> {
    const DEPTH: usize = 1;
    const SAVED: usize = {
        assert!(A::IN == C && B::OUT == C, "a residual branch must take and give the channels of the stream");
        assert!(A::OUT == B::IN, "the last unit takes other channels than the one before it gives");
        A::SAVED + B::SAVED
    };
    const SCRATCH: usize = N * C + N * B::IN + max(A::SCRATCH, B::SCRATCH);
    const INFER: usize = N * C + N * B::IN + max(A::INFER, B::INFER);
    const MACS: usize = A::MACS + B::MACS;
    const TRAIN_MACS: usize = A::TRAIN_MACS + B::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let Some((y, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        let Some((between, scratch)) = scratch.split_at_mut_checked(N * B::IN) else { return };
        copy(y, x.as_flattened());
        self.first.infer(y, between, scratch);
        self.last.infer(between, y, scratch);
        add_scaled(x.as_flattened_mut(), y, 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.part(0).branch_scale() else { return };
        let Some((first, last)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some((y, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        let Some(between) = last.get_mut(..N * B::IN) else { return };
        copy(first, x.as_flattened());
        self.first.forward(first, between, scratch, &pass.part(1));
        self.last.forward(last, y, scratch, &pass.part(2));
        add_scaled(x.as_flattened_mut(), y, scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.part(0).branch_scale() else { return };
        let Some((first, last)) = saved.split_at_mut_checked(A::SAVED) else { return };
        let Some((grad_first, grad_last)) = grad.split_at_mut_checked(A::TRAINED) else { return };
        let Some((dy, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        let Some((dbetween, scratch)) = scratch.split_at_mut_checked(N * B::IN) else { return };
        scaled(dy, dx.as_flattened(), scale);
        self.last.backward(grad_last, last, dy, dbetween, scratch, &pass.part(2));
        self.first.backward(grad_first, first, dbetween, dy, scratch, &pass.part(1));
        add_scaled(dx.as_flattened_mut(), dy, 1.0);
    }
}
