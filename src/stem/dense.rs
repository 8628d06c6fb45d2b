//! A stem without patches: a plain multilayer perceptron whose last hidden layer is the one token of the stream.

use core::marker::PhantomData;

use super::Stem;
use crate::layer::{Activation, Axis, Full, Linear, Relu, Tuning};
use crate::params::Params;
use crate::pass::Pass;
use crate::tensor::Windows;

/// Linear `IN -> H`, activation, linear `H -> C`, activation, with dropout after each activation. With
/// [`DenseHead`](crate::head::DenseHead) and no blocks it makes the classic network `IN-H-C-K`.
pub struct DenseStem<const IN: usize, const H: usize, const C: usize, A = Relu, W = Full> {
    /// `0.weight [H][IN]`, `0.bias [H]`
    pub first: Linear<IN, H, W>,
    /// `1.weight [C][H]`, `1.bias [C]`
    pub second: Linear<H, C, W>,
    activation: PhantomData<A>,
}

crate::params! {
    [const IN: usize, const H: usize, const C: usize, A, W: Tuning] DenseStem<IN, H, C, A, W> {
        first: tree(Linear<IN, H, W>, "0"),
        second: tree(Linear<H, C, W>, "1"),
        activation: tree(PhantomData<A>),
    }
}

/// The two pre-activations.
type Saved<const H: usize, const C: usize> = ([f32; H], [f32; C]);
/// The hidden activation, in the backward pass its gradient.
type Scratch<const H: usize> = ([f32; H],);

impl<const IN: usize, const H: usize, const C: usize, A: Activation, W: Tuning> Stem<1, C>
    for DenseStem<IN, H, C, A, W>
{
    type Input = [f32; IN];
    const SAVED: usize = Saved::<H, C>::LEN;
    const SCRATCH: usize = Scratch::<H>::LEN;
    const INFER: usize = Scratch::<H>::LEN;
    const MACS: usize = IN * H + H * C;
    const TRAIN_MACS: usize = if W::WEIGHTS { 2 * IN * H + 3 * H * C } else { IN * H + 2 * H * C };

    fn infer(&self, input: &[f32; IN], x: &mut [[f32; C]; 1], scratch: &mut [f32]) {
        let Some(((hidden,), _)) = Scratch::<H>::carve(scratch) else { return };
        let x = x.as_flattened_mut();
        self.first.forward(Axis::Rows, input, hidden);
        A::apply_in_place(hidden);
        self.second.forward(Axis::Rows, hidden, x);
        A::apply_in_place(x);
    }

    fn forward(&self, input: &[f32; IN], x: &mut [[f32; C]; 1], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(((first, second), _)) = Saved::<H, C>::carve(saved) else { return };
        let Some(((hidden,), _)) = Scratch::<H>::carve(scratch) else { return };
        self.first.forward(Axis::Rows, input, first);
        A::apply(first, hidden);
        pass.part(0).dropout_rows(hidden, H);
        self.second.forward(Axis::Rows, hidden, second);
        A::apply(second, x.as_flattened_mut());
        pass.part(1).dropout_rows(x.as_flattened_mut(), C);
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
        let Some(((first, second), _)) = Saved::<H, C>::carve(saved) else { return };
        let Some(((hidden,), _)) = Scratch::<H>::carve(scratch) else { return };
        let Some((grad_first, grad_second)) = grad.split_at_mut_checked(Linear::<IN, H, W>::TRAINED) else { return };
        let dx = dx.as_flattened_mut();
        pass.part(1).dropout_rows(dx, C);
        A::backward(second, dx);
        self.second.input_gradient(Axis::Rows, dx, hidden);
        pass.part(0).dropout_rows(hidden, H);
        A::backward(first, hidden);
        pass.part(0).dropout_rows(first, H);
        Linear::<H, C, W>::add_gradient(grad_second, Axis::Rows, first, dx);
        Linear::<IN, H, W>::add_gradient(grad_first, Axis::Rows, input, hidden);
    }
}
