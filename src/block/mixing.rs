//! Token mixing and channel mixing: one multilayer perceptron along either axis of the stream.

use core::marker::PhantomData;

use super::{Branch, Label};
use crate::kernels::rows::multiply;
use crate::layer::{Activation, Axis, Gelu, Linear};
use crate::pass::Pass;

/// Mixes the `N` tokens of each channel by a perceptron with `H` hidden units whose weights all channels share.
pub type TokenMixing<const N: usize, const H: usize, A = Gelu> = Mixing<AlongTokens, N, H, A>;

/// Mixes the `C` channels of each token by a perceptron with `H` hidden units whose weights all tokens share.
pub type ChannelMixing<const C: usize, const H: usize, A = Gelu> = Mixing<AlongChannels, C, H, A>;

/// Linear `D -> H`, activation, dropout, linear `H -> D`, dropout, along one axis of the stream.
pub struct Mixing<X, const D: usize, const H: usize, A> {
    /// `0.weight [H][D]`, `0.bias [H]`
    pub hidden: Linear<D, H>,
    /// `1.weight [D][H]`, `1.bias [D]`
    pub output: Linear<H, D>,
    choice: PhantomData<(X, A)>,
}

crate::params! {
    [X, const D: usize, const H: usize, A] Mixing<X, D, H, A> {
        hidden: tree(Linear<D, H>, "0"),
        output: tree(Linear<H, D>, "1"),
        choice: tree(PhantomData<(X, A)>),
    }
}

/// An axis of length `D` of a stream `[N tokens][C channels]`.
pub trait Along<const N: usize, const C: usize, const D: usize> {
    /// How many vectors of length `D` the stream has along this axis.
    const VECTORS: usize;
    /// How they lie in memory.
    const AXIS: Axis;
}

/// Each channel's `N` tokens: the columns of the stream.
pub struct AlongTokens;

impl Label for AlongTokens {
    const NAME: &'static str = "token_mixing";
    const NORM: &'static str = "token_norm";
}

impl<const N: usize, const C: usize> Along<N, C, N> for AlongTokens {
    const VECTORS: usize = C;
    const AXIS: Axis = Axis::Columns { width: C };
}

/// Each token's `C` channels: the rows of the stream.
pub struct AlongChannels;

impl Label for AlongChannels {
    const NAME: &'static str = "channel_mixing";
    const NORM: &'static str = "channel_norm";
}

impl<const N: usize, const C: usize> Along<N, C, C> for AlongChannels {
    const VECTORS: usize = N;
    const AXIS: Axis = Axis::Rows;
}

impl<X: Label, const D: usize, const H: usize, A> Label for Mixing<X, D, H, A> {
    const NAME: &'static str = X::NAME;
    const NORM: &'static str = X::NORM;
}

/// Keeps the pre-activation; the one scratch holds the activation and, in the backward pass, then its gradient.
impl<X, const N: usize, const C: usize, const D: usize, const H: usize, A> Branch<N, C> for Mixing<X, D, H, A>
where
    X: Along<N, C, D> + Label,
    A: Activation,
{
    const SAVED: usize = X::VECTORS * H;
    const SCRATCH: usize = X::VECTORS * H;
    const INFER: usize = X::VECTORS * H;
    const MACS: usize = X::VECTORS * 2 * D * H;

    fn infer(&self, u: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let Some(hidden) = scratch.get_mut(..X::VECTORS * H) else { return };
        let u = u.as_flattened_mut();
        self.hidden.forward(X::AXIS, u, hidden);
        A::apply_in_place(hidden);
        self.output.forward(X::AXIS, hidden, u);
    }

    fn forward(&self, u: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(hidden) = scratch.get_mut(..X::VECTORS * H) else { return };
        let u = u.as_flattened_mut();
        self.hidden.forward(X::AXIS, u, saved);
        A::apply(saved, hidden);
        pass.part(0).dropout(hidden);
        self.output.forward(X::AXIS, hidden, u);
        pass.part(1).dropout(u);
    }

    fn backward(
        &self,
        grad: &mut Self,
        u: &[[f32; C]; N],
        dy: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some(hidden) = scratch.get_mut(..X::VECTORS * H) else { return };
        let (u, dy) = (u.as_flattened(), dy.as_flattened_mut());
        pass.part(1).dropout(dy);
        A::apply_with_slope(saved, hidden);
        pass.part(0).dropout(hidden);
        grad.output.add_gradient(X::AXIS, hidden, dy);
        self.output.input_gradient(X::AXIS, dy, hidden);
        pass.part(0).dropout(hidden);
        multiply(hidden, saved);
        grad.hidden.add_gradient(X::AXIS, u, hidden);
        self.hidden.input_gradient(X::AXIS, hidden, dy);
    }
}
