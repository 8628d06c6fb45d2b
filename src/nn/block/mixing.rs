//! Token mixing and channel mixing: one multilayer perceptron along either axis of the stream.

use core::marker::PhantomData;

use super::Branch;
use super::along::{Along, AlongChannels, AlongTokens, linear, vectors};
use super::branch::Normed;
use super::portion::Portion;
use super::recomputation::{Hidden, Keep, Recomputation};
use crate::core::layout::{Layout, front, split_at};
use crate::core::params::Params;
use crate::core::size::{Cost, min};
use crate::kernels::arch::multiply;
use crate::kernels::rows::{gather_columns, scatter_columns};
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, All, Axis, Gelu, Linear, Trainable};
use crate::nn::pass::Pass;

/// Mixes the `N` tokens of each channel by a perceptron with `H` hidden units whose weights all channels share.
pub type TokenMixing<const N: usize, const H: usize, A = Gelu, K = Keep, W = All> = Mixing<AlongTokens, N, H, A, K, W>;

/// Mixes the `C` channels of each token by a perceptron with `H` hidden units whose weights all tokens share.
pub type ChannelMixing<const C: usize, const H: usize, A = Gelu, K = Keep, W = All> =
    Mixing<AlongChannels, C, H, A, K, W>;

/// Linear `D -> H`, activation, dropout, linear `H -> D`, dropout, along one axis of the stream.
pub struct Mixing<X, const D: usize, const H: usize, A, K = Keep, W = All> {
    /// `0.weight [H][D]`, `0.bias [H]`
    pub hidden: Linear<D, H, W>,
    /// `1.weight [D][H]`, `1.bias [D]`
    pub output: Linear<H, D, W>,
    choice: PhantomData<(X, A, K)>,
}

crate::params! {
    [X: Along, const D: usize, const H: usize, A, K, W: Trainable]
    Mixing<X, D, H, A, K, W> as [X::LABEL.branch, X::LABEL.norm] {
        hidden: tree(Linear<D, H, W>, "0"),
        output: tree(Linear<H, D, W>, "1"),
        choice: tree(PhantomData<(X, A, K)>),
    }
}

/// Sizes in `f32`.
impl<X, const D: usize, const H: usize, A, K: Recomputation, W: Trainable> Mixing<X, D, H, A, K, W> {
    /// Room for a portion of columns, which must lie side by side.
    const fn portion(axis: Axis) -> usize {
        match axis {
            Axis::Columns { width } if K::VECTORS < width => K::VECTORS * D,
            Axis::Columns { .. } | Axis::Rows => 0,
        }
    }

    /// Whether hidden values need not be recomputed.
    const KEEPS: bool = K::HIDDEN.copies() > 0;

    /// Otherwise they are recomputed from the input, and the gradient of the first matrix needs it.
    const INPUT: usize = if Self::KEEPS && !W::WEIGHTS { 0 } else { D };

    /// The backward pass per vector: input, activation, and the pre-activation if it is not kept.
    const BACKWARD: usize = Self::INPUT + if Self::KEEPS { H } else { 2 * H };

    /// Hands out the vectors of `u` in portions, each with the room that is left of `scratch`.
    fn in_portions(
        axis: Axis,
        u: &mut [f32],
        scratch: &mut [f32],
        mut work: impl FnMut(&Portion, &mut [f32], &mut [f32]),
    ) {
        let (room, scratch) = split_at(scratch, Self::portion(axis));
        let width = match axis {
            Axis::Columns { width } if !room.is_empty() => width,
            Axis::Columns { .. } | Axis::Rows => return work(&Portion { first: 0, axis }, u, scratch),
        };
        for first in (0..width).step_by(K::VECTORS) {
            let count = min(K::VECTORS, width - first);
            let portion = front(room, count * D);
            gather_columns(portion, count, u, width, first);
            work(&Portion { first, axis: Axis::Columns { width: count } }, portion, scratch);
            scatter_columns(portion, count, u, width, first);
        }
    }
}

impl<X, const N: usize, const C: usize, const D: usize, const H: usize, A, K, W> Branch<N, C>
    for Mixing<X, D, H, A, K, W>
where
    X: Along,
    A: Activation,
    K: Recomputation,
    W: Trainable,
{
    const TOKENS: usize = match vectors::<X>(N, C, D).0 {
        Axis::Rows => min(K::VECTORS, N),
        Axis::Columns { .. } => N,
    };
    /// Without kept values the first product is repeated; a matrix that is not trained has no product of its own.
    const COST: Cost = {
        let (axis, vectors) = vectors::<X>(N, C, D);
        let (product, portion) = (vectors * D * H, min(K::VECTORS, vectors));
        Cost {
            saved: K::HIDDEN.copies() * vectors * H,
            scratch: Self::portion(axis) + portion * Self::BACKWARD,
            infer_scratch: Self::portion(axis) + portion * H,
            macs: 2 * product,
            train_macs: product * (if W::WEIGHTS { 6 } else { 4 } + if Self::KEEPS { 0 } else { 1 }),
            ..Cost::of::<Self>()
        }
    };
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("0", &linear::<X>()), A::GRAPH, Graph::Named("1", &linear::<X>())]);

    #[inline(never)]
    fn infer(&self, u: &mut [[f32; C]], scratch: &mut [f32]) {
        Self::in_portions(
            const { vectors::<X>(N, C, D).0 },
            u.as_flattened_mut(),
            scratch,
            |Portion { axis, .. }, u, scratch| {
                let hidden = front(scratch, u.len() / D * H);
                self.hidden.forward(*axis, u, hidden);
                A::apply_in_place(hidden);
                self.output.forward(*axis, hidden, u);
            },
        );
    }

    #[inline(never)]
    fn forward(&self, u: &mut [[f32; C]], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        Self::in_portions(const { vectors::<X>(N, C, D).0 }, u.as_flattened_mut(), scratch, |portion, u, scratch| {
            let free = front(scratch, u.len() / D * H);
            let enter = |before: &mut [f32]| {
                self.hidden.forward(portion.axis, u, before);
                pass.record::<A>(&self.hidden.bias, before);
            };
            let hidden = match K::HIDDEN {
                Hidden::Nothing => {
                    enter(free);
                    A::apply_in_place(free);
                    free
                }
                Hidden::Before => {
                    enter(saved);
                    A::apply(saved, free);
                    free
                }
                Hidden::SlopesAndAfter => {
                    let (slopes, after) = split_at(saved, free.len());
                    enter(slopes);
                    A::apply_with_slope(slopes, after);
                    after
                }
            };
            portion.dropout(pass, 0, hidden, H);
            self.output.forward(portion.axis, hidden, u);
            portion.dropout(pass, 1, u, D);
        });
    }

    #[inline(never)]
    fn backward(
        &self,
        grad: &mut [f32],
        u: &Normed<C>,
        dy: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (grad_hidden, grad_output) = split_at(grad, <Linear<D, H, W>>::TRAINABLE);
        Self::in_portions(const { vectors::<X>(N, C, D).0 }, dy.as_flattened_mut(), scratch, |portion, dy, scratch| {
            let vectors = dy.len() / D;
            let ([input, hidden], scratch) = Layout([vectors * Self::INPUT, vectors * H]).split(scratch);
            let axis = portion.axis;
            portion.write_input(u, input);
            portion.dropout(pass, 1, dy, D);
            self.output.input_gradient(axis, dy, hidden);
            portion.dropout(pass, 0, hidden, H);
            let after = match K::HIDDEN {
                Hidden::Nothing => {
                    let before = front(scratch, vectors * H);
                    self.hidden.forward(axis, input, before);
                    portion.repeat::<A>(pass, before, hidden, H)
                }
                Hidden::Before => portion.repeat::<A>(pass, saved, hidden, H),
                Hidden::SlopesAndAfter => {
                    let (slopes, after) = split_at(saved, vectors * H);
                    multiply(hidden, slopes);
                    after
                }
            };
            Linear::<H, D, W>::add_gradient(grad_output, axis, after, dy);
            Linear::<D, H, W>::add_gradient(grad_hidden, axis, input, hidden);
            self.hidden.input_gradient(axis, hidden, dy);
        });
    }
}
