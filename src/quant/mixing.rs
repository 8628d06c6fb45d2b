//! Token mixing and channel mixing from bytes.

use core::marker::PhantomData;

use super::{QuantLinear, Quantize};
use crate::core::layout::split_at;
use crate::core::params::Params;
use crate::core::size::{Cost, max, min};
use crate::kernels::int8::{Steps, Unit};
use crate::nn::block::along::{Along, AlongChannels, AlongTokens, linear, vectors};
use crate::nn::block::{Branch, Mixing, Normed, PreNormResidual, Recompute, ResidualPair};
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, Axis, Gelu, Trainable};
use crate::nn::pass::Pass;

/// [`Mixing`] of which both matrices are in bytes. It predicts, inside [`Frozen`](crate::nn::block::Frozen) blocks.
pub struct QuantMixing<X, const D: usize, const H: usize, A> {
    /// `D -> H`
    pub hidden: QuantLinear<D, H>,
    /// `H -> D`
    pub output: QuantLinear<H, D>,
    choice: PhantomData<(X, A)>,
}

/// A [`MixerBlock`](crate::nn::block::MixerBlock) of which the four matrices are in bytes.
pub type QuantMixerBlock<const N: usize, const C: usize, const T: usize, const H: usize, A = Gelu> = ResidualPair<
    PreNormResidual<QuantMixing<AlongTokens, N, T, A>, C, Recompute>,
    PreNormResidual<QuantMixing<AlongChannels, C, H, A>, C, Recompute>,
>;

/// Vectors whose hidden values are in memory at a time.
const VECTORS: usize = 8;

impl<X, const D: usize, const H: usize, A> QuantMixing<X, D, H, A> {
    const ROOM: usize = max(<QuantLinear<D, H>>::ROOM, <QuantLinear<H, D>>::ROOM);
}

crate::params! {
    [X: Along, const D: usize, const H: usize, A]
    QuantMixing<X, D, H, A> as [X::LABEL.branch, X::LABEL.norm] {
        hidden: tree(QuantLinear<D, H>, "0"),
        output: tree(QuantLinear<H, D>, "1"),
        choice: tree(PhantomData<(X, A)>),
    }
}

impl<X, const D: usize, const H: usize, A, K, W: Trainable> Quantize for Mixing<X, D, H, A, K, W>
where
    X: Along,
    Self: Params,
{
    type Quantized = QuantMixing<X, D, H, A>;

    fn quantize(&self, to: &mut Self::Quantized) {
        self.hidden.quantize(&mut to.hidden);
        self.output.quantize(&mut to.output);
    }
}

impl<X: Along, const N: usize, const C: usize, const D: usize, const H: usize, A: Activation> Branch<N, C>
    for QuantMixing<X, D, H, A>
{
    const TOKENS: usize = match vectors::<X>(N, C, D).0 {
        Axis::Rows => min(VECTORS, N),
        Axis::Columns { .. } => N,
    };
    const COST: Cost = Cost {
        infer_scratch: min(VECTORS, vectors::<X>(N, C, D).1) * H + Self::ROOM,
        macs: 2 * vectors::<X>(N, C, D).1 * D * H,
        ..Cost::ZERO
    };
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("0", &linear::<X>()), A::GRAPH, Graph::Named("1", &linear::<X>())]);

    #[inline(never)]
    fn infer(&self, u: &mut [[f32; C]], scratch: &mut [f32]) {
        let (steps, count) = match const { vectors::<X>(N, C, D).0 } {
            Axis::Rows => (Steps { vector: D, value: 1 }, u.len()),
            Axis::Columns { width } => (Steps { vector: 1, value: width }, width),
        };
        let u = u.as_flattened_mut();
        let unit = Unit::of(u);
        let (room, scratch) = split_at(scratch, Self::ROOM);
        for first in (0..count).step_by(VECTORS) {
            let count = min(VECTORS, count - first);
            let (hidden, _) = split_at(scratch, count * H);
            let (_, u) = split_at(u, first * steps.vector);
            let of_hidden = Steps { vector: H, value: 1 };
            self.hidden.forward((hidden, of_hidden), (u, steps), count, unit, room);
            A::apply_in_place(hidden);
            self.output.forward((u, steps), (hidden, of_hidden), count, Unit::of(hidden), room);
        }
    }

    fn forward(&self, _: &mut [[f32; C]], _: &mut [f32], _: &mut [f32], _: &Pass) {
        const { assert!(Self::TRAINABLE > 0, "matrices in bytes are not trained: write Frozen<..> around the blocks") };
    }

    fn backward(&self, _: &mut [f32], _: &Normed<C>, _: &mut [[f32; C]], _: &mut [f32], _: &mut [f32], _: &Pass) {
        const { assert!(Self::TRAINABLE > 0, "matrices in bytes are not trained: write Frozen<..> around the blocks") };
    }
}
