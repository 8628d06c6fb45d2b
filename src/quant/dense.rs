//! The stem of a perceptron from bytes.

use core::marker::PhantomData;

use super::{QuantLinear, Quantize};
use crate::core::layout::split_at;
use crate::core::params::Params;
use crate::core::size::{Cost, max};
use crate::kernels::int8::{Steps, Unit};
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, Trainable};
use crate::nn::pass::Pass;
use crate::nn::stem::{DenseStem, Stem};

/// [`DenseStem`] of which both matrices are in bytes. It predicts, inside [`Frozen`](crate::nn::block::Frozen).
pub struct QuantDenseStem<const IN: usize, const H: usize, const C: usize, A> {
    /// `IN -> H`
    pub first: QuantLinear<IN, H>,
    /// `H -> C`
    pub second: QuantLinear<H, C>,
    activation: PhantomData<A>,
}

impl<const IN: usize, const H: usize, const C: usize, A> QuantDenseStem<IN, H, C, A> {
    const ROOM: usize = max(<QuantLinear<IN, H>>::ROOM, <QuantLinear<H, C>>::ROOM);
}

crate::params! {
    [const IN: usize, const H: usize, const C: usize, A] QuantDenseStem<IN, H, C, A> {
        first: tree(QuantLinear<IN, H>, "0"),
        second: tree(QuantLinear<H, C>, "1"),
        activation: tree(PhantomData<A>),
    }
}

impl<const IN: usize, const H: usize, const C: usize, A, W: Trainable> Quantize for DenseStem<IN, H, C, A, W> {
    type Quantized = QuantDenseStem<IN, H, C, A>;

    fn quantize(&self, to: &mut Self::Quantized) {
        self.first.quantize(&mut to.first);
        self.second.quantize(&mut to.second);
    }
}

impl<const IN: usize, const H: usize, const C: usize, A: Activation> Stem<1, C> for QuantDenseStem<IN, H, C, A> {
    type Input = [f32; IN];
    const COST: Cost = Cost { infer_scratch: H + Self::ROOM, macs: IN * H + H * C, ..Cost::ZERO };
    const GRAPH: Graph = <DenseStem<IN, H, C, A> as Stem<1, C>>::GRAPH;

    fn infer(&self, input: &[f32; IN], x: &mut [[f32; C]; 1], scratch: &mut [f32]) {
        let (room, scratch) = split_at(scratch, Self::ROOM);
        let (hidden, _) = split_at(scratch, H);
        let x = x.as_flattened_mut();
        let one = Steps { vector: 0, value: 1 };
        self.first.forward((hidden, one), (input, one), 1, Unit::of(input), room);
        A::apply_in_place(hidden);
        self.second.forward((x, one), (hidden, one), 1, Unit::of(hidden), room);
        A::apply_in_place(x);
    }

    fn forward(&self, _: &[f32; IN], _: &mut [[f32; C]; 1], _: &mut [f32], _: &mut [f32], _: &Pass) {
        const { assert!(Self::TRAINABLE > 0, "matrices in bytes are not trained: write Frozen<..> around the stem") };
    }

    fn backward(&self, _: &mut [f32], _: &[f32; IN], _: &mut [[f32; C]; 1], _: &mut [f32], _: &mut [f32], _: &Pass) {
        const { assert!(Self::TRAINABLE > 0, "matrices in bytes are not trained: write Frozen<..> around the stem") };
    }
}
