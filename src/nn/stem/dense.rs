//! A stem without patches: a plain multilayer perceptron whose last hidden layer is the one token of the stream.

use core::marker::PhantomData;
use core::slice;

use super::{BatchStem, InnerStem, Stem};
use crate::core::layout::{Layout, front, split_at};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, All, Axis, Linear, Relu, Trainable};
use crate::nn::pass::{Pass, Passes};

/// Linear `IN -> H`, activation, linear `H -> C`, activation, with dropout after each activation. With
/// [`DenseHead`](crate::nn::head::DenseHead) and no blocks it makes the classic network `IN-H-C-K`.
pub struct DenseStem<const IN: usize, const H: usize, const C: usize, A = Relu, W = All> {
    /// `0.weight [H][IN]`, `0.bias [H]`
    pub first: Linear<IN, H, W>,
    /// `1.weight [C][H]`, `1.bias [C]`
    pub second: Linear<H, C, W>,
    activation: PhantomData<A>,
}

crate::params! {
    [const IN: usize, const H: usize, const C: usize, A, W: Trainable] DenseStem<IN, H, C, A, W> {
        first: tree(Linear<IN, H, W>, "0"),
        second: tree(Linear<H, C, W>, "1"),
        activation: tree(PhantomData<A>),
    }
}

impl<const IN: usize, const H: usize, const C: usize, A, W> DenseStem<IN, H, C, A, W> {
    /// Of these two layers: for weights in flash.
    pub const fn new(first: Linear<IN, H, W>, second: Linear<H, C, W>) -> Self {
        Self { first, second, activation: PhantomData }
    }

    /// Pre-activations of both layers.
    const fn kept(samples: usize) -> Layout<2> {
        Layout([samples * H, samples * C])
    }
}

impl<const IN: usize, const H: usize, const C: usize, A: Activation, W: Trainable> Stem<1, C>
    for DenseStem<IN, H, C, A, W>
{
    type Input = [f32; IN];
    const COST: Cost = Cost {
        macs: IN * H + H * C,
        train_macs: if W::WEIGHTS { 2 * IN * H + 3 * H * C } else { IN * H + 2 * H * C },
        ..Cost::of::<Self>().plus_saved(Self::kept(1).total()).plus_scratch(H)
    };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Reshape { tokens: 1, channels: IN },
        Graph::Named("0", &Graph::Linear),
        A::GRAPH,
        Graph::Named("1", &Graph::Linear),
        A::GRAPH,
    ]);

    fn infer(&self, input: &[f32; IN], x: &mut [[f32; C]; 1], scratch: &mut [f32]) {
        let hidden = front(scratch, H);
        let x = x.as_flattened_mut();
        self.first.forward(Axis::Rows, input, hidden);
        A::apply_in_place(hidden);
        self.second.forward(Axis::Rows, hidden, x);
        A::apply_in_place(x);
    }

    fn forward(&self, input: &[f32; IN], x: &mut [[f32; C]; 1], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.forward_batch(slice::from_ref(input), x, saved, scratch, &|_| *pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &[f32; IN],
        dx: &mut [[f32; C]; 1],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        self.backward_batch(grad, slice::from_ref(input), dx, saved, scratch, &|_| *pass);
    }
}

/// The backward pass leaves the gradient of the hidden values in scratch.
impl<const IN: usize, const H: usize, const C: usize, A: Activation, W: Trainable> InnerStem<1, C>
    for DenseStem<IN, H, C, A, W>
{
    const INPUT_MACS: usize = IN * H;

    fn input_gradient(&self, _: &mut [[f32; C]; 1], dinput: &mut [f32; IN], scratch: &mut [f32]) {
        self.first.input_gradient(Axis::Rows, front(scratch, H), dinput);
    }
}

/// Kept are the two pre-activations; in scratch is the hidden activation, in the backward pass its gradient.
impl<const IN: usize, const H: usize, const C: usize, A: Activation, W: Trainable> BatchStem<C>
    for DenseStem<IN, H, C, A, W>
{
    fn forward_batch(
        &self,
        inputs: &[[f32; IN]],
        x: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        passes: Passes,
    ) {
        let ([before, second], _) = Self::kept(x.len()).split(saved);
        let hidden = front(scratch, x.len() * H);
        let x = x.as_flattened_mut();
        self.first.forward(Axis::Rows, inputs.as_flattened(), before);
        Pass::record_samples::<A>(passes, &self.first.bias, before);
        A::apply(before, hidden);
        Pass::dropout_samples(passes, 0, hidden, H);
        self.second.forward(Axis::Rows, hidden, second);
        Pass::record_samples::<A>(passes, &self.second.bias, second);
        A::apply(second, x);
        Pass::dropout_samples(passes, 1, x, C);
    }

    fn backward_batch(
        &self,
        grad: &mut [f32],
        inputs: &[[f32; IN]],
        dx: &mut [[f32; C]],
        saved: &mut [f32],
        scratch: &mut [f32],
        passes: Passes,
    ) {
        let ([before, second], _) = Self::kept(dx.len()).split(saved);
        let hidden = front(scratch, dx.len() * H);
        let (grad_first, grad_second) = split_at(grad, Linear::<IN, H, W>::TRAINABLE);
        let dx = dx.as_flattened_mut();
        Pass::dropout_samples(passes, 1, dx, C);
        A::backward(second, dx);
        self.second.input_gradient(Axis::Rows, dx, hidden);
        Pass::dropout_samples(passes, 0, hidden, H);
        A::backward(before, hidden);
        Pass::dropout_samples(passes, 0, before, H);
        Linear::<H, C, W>::add_gradient(grad_second, Axis::Rows, before, dx);
        Linear::<IN, H, W>::add_gradient(grad_first, Axis::Rows, inputs.as_flattened(), hidden);
    }
}
