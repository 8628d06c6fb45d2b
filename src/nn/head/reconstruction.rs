//! A head that gives each token a patch of values.

use super::Head;
use crate::core::layout::{front, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::copy;
use crate::nn::graph::Graph;
use crate::nn::layer::{Axis, LayerNorm, Linear};
use crate::nn::pass::Pass;

/// LayerNorm, then the same linear layer `C -> P` for every token: the patch of `P` values that the token
/// stands for.
pub struct ReconstructionHead<const C: usize, const P: usize> {
    /// `norm.weight [C]`, `norm.bias [C]`
    pub norm: LayerNorm<C>,
    /// `head.weight [P][C]`, `head.bias [P]`
    pub head: Linear<C, P>,
}

crate::params! {
    [const C: usize, const P: usize] ReconstructionHead<C, P> {
        norm: tree(LayerNorm<C>, "norm"),
        head: tree(Linear<C, P>, "head"),
    }
}

/// 1/σ of each token is kept; the normalised tokens themselves stay in the stream. In scratch is the normalised and scaled
/// stream, later its gradient.
impl<const N: usize, const C: usize, const P: usize> Head<N, C> for ReconstructionHead<C, P> {
    type Output = [[f32; P]; N];
    const COST: Cost = Cost { saved: N, scratch: N * C, ..Cost::of::<Self>().with_macs(N * C * P, 3) };
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("norm", &Graph::LayerNorm), Graph::Named("head", &Graph::Linear)]);

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut [[f32; P]; N], _: &mut [f32]) {
        self.norm.infer_in_place(x);
        self.head.forward(Axis::Rows, x.as_flattened(), output.as_flattened_mut());
    }

    fn forward(
        &self,
        x: &mut [[f32; C]; N],
        output: &mut [[f32; P]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        _: &Pass,
    ) {
        let (rstd, y) = (front(saved, N), tokens(front(scratch, N * C)));
        LayerNorm::normalize(x, rstd);
        self.norm.affine(x, y);
        self.head.forward(Axis::Rows, y.as_flattened(), output.as_flattened_mut());
    }

    fn backward(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        doutput: &[[f32; P]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        _: &Pass,
    ) {
        let (rstd, y) = (front(saved, N), tokens(front(scratch, N * C)));
        let (grad_norm, grad_head) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        self.norm.affine(x, y);
        Linear::<C, P>::add_gradient(grad_head, Axis::Rows, y.as_flattened(), doutput.as_flattened());
        self.head.input_gradient(Axis::Rows, doutput.as_flattened(), y.as_flattened_mut());
        self.norm.backward(grad_norm, x, rstd, y);
        copy(x.as_flattened_mut(), y.as_flattened());
    }
}
