//! Normalisation, activation and linear map, one after the other: what stands inside a residual block of convolutions.

use core::marker::PhantomData;

use super::{Label, max};
use crate::core::params::Params;
use crate::kernels::fast::multiply;
use crate::nn::layer::{Activation, LayerNorm, Relu, TokenMap};
use crate::nn::pass::Pass;

/// LayerNorm over `C` channels, activation, linear map.
pub struct NormActMap<L, const C: usize, M, A = Relu> {
    /// `norm1`, `norm2` or `norm3`
    pub norm: LayerNorm<C>,
    /// `conv1`, `conv2` or `conv3`
    pub map: M,
    choice: PhantomData<(L, A)>,
}

crate::params! {
    [L: Label, const C: usize, M: Params, A] NormActMap<L, C, M, A> {
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

/// A [`NormActMap`], or a pair of chains, one after the other.
pub trait StreamMap<const N: usize>: Params {
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
impl<const N: usize, L: Label, const C: usize, M: TokenMap<N>, A: Activation> StreamMap<N> for NormActMap<L, C, M, A> {
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
        self.norm.infer_in_place(x.as_chunks_mut().0);
        A::apply_in_place(x);
        self.map.infer(x, y, scratch);
    }

    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((normalized, rstd, saved)) = cut::<N, C>(saved) else { return };
        let Some((active, scratch)) = scratch.split_at_mut_checked(N * C) else { return };
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, active.as_chunks_mut().0);
        pass.record::<A>(&self.norm.bias, active);
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
        let Some((grad_norm, grad_map)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
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

impl<const N: usize, A: StreamMap<N>, B: StreamMap<N>> StreamMap<N> for (A, B) {
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
        self.0.forward(first, between, scratch, &pass.child(0));
        self.1.forward(second, y, scratch, &pass.child(1));
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
        let Some((grad_first, grad_second)) = grad.split_at_mut_checked(A::TRAINABLE) else { return };
        let Some((dbetween, scratch)) = scratch.split_at_mut_checked(N * B::IN) else { return };
        self.1.backward(grad_second, second, dy, dbetween, scratch, &pass.child(1));
        self.0.backward(grad_first, first, dbetween, dx, scratch, &pass.child(0));
    }
}
