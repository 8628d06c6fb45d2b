//! A linear layer on the only token of the stream.

use super::Head;
use crate::layer::{Axis, Linear};
use crate::pass::Pass;

/// Linear `C -> K` on a stream of one token, without a normalisation: the last layer of a plain multilayer perceptron.
pub struct DenseHead<const C: usize, const K: usize> {
    /// `head.weight [K][C]`, `head.bias [K]`
    pub head: Linear<C, K>,
}

crate::params! {
    [const C: usize, const K: usize] DenseHead<C, K> {
        head: tree(Linear<C, K>, "head"),
    }
}

impl<const C: usize, const K: usize> Head<1, C> for DenseHead<C, K> {
    type Output = [f32; K];
    const SAVED: usize = 0;
    const SCRATCH: usize = 0;
    const INFER: usize = 0;
    const MACS: usize = C * K;

    fn infer(&self, x: &mut [[f32; C]; 1], output: &mut [f32; K], _: &mut [f32]) {
        self.head.forward(Axis::Rows, x.as_flattened(), output);
    }

    fn forward(&self, x: &mut [[f32; C]; 1], output: &mut [f32; K], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
        self.infer(x, output, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; 1],
        doutput: &[f32; K],
        _: &mut [f32],
        _: &mut [f32],
        _: &Pass,
    ) {
        Linear::<C, K>::add_gradient(grad, Axis::Rows, x.as_flattened(), doutput);
        self.head.input_gradient(Axis::Rows, doutput, x.as_flattened_mut());
    }
}
