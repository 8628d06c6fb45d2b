//! A linear layer on the only token of the stream.

use core::slice;

use super::{BatchHead, Head};
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::layer::{Axis, Linear};
use crate::nn::pass::Pass;

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
    const COST: Cost = Cost::of::<Self>().with_macs(C * K, 3);
    const GRAPH: Graph = Graph::Named("head", &Graph::Linear);

    fn infer(&self, x: &mut [[f32; C]; 1], output: &mut [f32; K], _: &mut [f32]) {
        self.forward_batch(x, slice::from_mut(output));
    }

    fn forward(&self, x: &mut [[f32; C]; 1], output: &mut [f32; K], _: &mut [f32], _: &mut [f32], _: &Pass) {
        self.forward_batch(x, slice::from_mut(output));
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
        self.backward_batch(grad, x, slice::from_ref(doutput));
    }
}

impl<const C: usize, const K: usize> BatchHead<C> for DenseHead<C, K> {
    fn forward_batch(&self, x: &mut [[f32; C]], outputs: &mut [[f32; K]]) {
        self.head.forward(Axis::Rows, x.as_flattened(), outputs.as_flattened_mut());
    }

    fn backward_batch(&self, grad: &mut [f32], x: &mut [[f32; C]], doutputs: &[[f32; K]]) {
        let (x, doutputs) = (x.as_flattened_mut(), doutputs.as_flattened());
        Linear::<C, K>::add_gradient(grad, Axis::Rows, x, doutputs);
        self.head.input_gradient(Axis::Rows, doutputs, x);
    }
}
