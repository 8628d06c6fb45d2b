//! A head that looks at every token by itself.

use super::Head;
use crate::core::layout::{front, split_at, tokens};
use crate::core::params::{Init, Params, Role};
use crate::core::size::Cost;
use crate::kernels::arch::copy;
use crate::kernels::matmul;
use crate::nn::graph::Graph;
use crate::nn::layer::LayerNorm;
use crate::nn::pass::Pass;

/// LayerNorm, then one linear layer over all `N * C` values of the stream: tells the tokens apart, which the mean
/// does not, at the price of `N` times the weights.
pub struct FlatHead<const N: usize, const C: usize, const K: usize> {
    /// `norm.weight [C]`, `norm.bias [C]`
    pub norm: LayerNorm<C>,
    /// `head.weight [K][N * C]`, `head.bias [K]`
    pub head: FlatLinear<N, C, K>,
}

crate::params! {
    [const N: usize, const C: usize, const K: usize] FlatHead<N, C, K> {
        norm: tree(LayerNorm<C>, "norm"),
        head: tree(FlatLinear<N, C, K>, "head"),
    }
}

/// A linear layer from a whole stream to `K` outputs.
pub struct FlatLinear<const N: usize, const C: usize, const K: usize> {
    /// `[out][token][channel]`
    pub weight: [[[f32; C]; N]; K],
    /// `[out]`
    pub bias: [f32; K],
}

crate::params! {
    [const N: usize, const C: usize, const K: usize] FlatLinear<N, C, K> {
        weight: leaf(Role::Weight, [K, N * C], Init::FanIn(N * C)),
        bias: leaf(Role::Bias, [K], Init::FanIn(N * C)),
    }
}

impl<const N: usize, const C: usize, const K: usize> FlatLinear<N, C, K> {
    fn forward(&self, x: &[f32], y: &mut [f32; K]) {
        *y = self.bias;
        matmul::nt(y, (x, N * C), (self.weight.as_flattened().as_flattened(), N * C), N * C, K);
    }

    /// Adds to `grad`, `[weight, bias]`.
    fn add_gradient(grad: &mut [f32], x: &[f32], dy: &[f32; K]) {
        let (weight, bias) = split_at(grad, K * N * C);
        for (bias, dy) in bias.iter_mut().zip(dy) {
            *bias += dy;
        }
        matmul::tn(weight, (dy, K), (x, N * C), 1, N * C);
    }

    fn input_gradient(&self, dy: &[f32; K], dx: &mut [f32]) {
        dx.fill(0.0);
        let weight = self.weight.as_flattened().as_flattened();
        matmul::nn(dx, (dy, K), (weight, N * C), K, N * C);
    }
}

/// 1/σ of each token is kept; the normalised tokens themselves stay in the stream. In scratch is the normalised and scaled
/// stream, later its gradient.
impl<const N: usize, const C: usize, const K: usize> Head<N, C> for FlatHead<N, C, K> {
    type Output = [f32; K];
    const COST: Cost = Cost { saved: N, scratch: N * C, ..Cost::of::<Self>().with_macs(N * C * K, 3) };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Named("norm", &Graph::LayerNorm),
        Graph::Reshape { tokens: 1, channels: N * C },
        Graph::Named("head", &Graph::Linear),
    ]);

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut [f32; K], _: &mut [f32]) {
        self.norm.infer_in_place(x);
        self.head.forward(x.as_flattened(), output);
    }

    fn forward(&self, x: &mut [[f32; C]; N], output: &mut [f32; K], saved: &mut [f32], scratch: &mut [f32], _: &Pass) {
        let (rstd, y) = (front(saved, N), front(scratch, N * C));
        LayerNorm::normalize(x, rstd);
        self.norm.affine(x, tokens(y));
        self.head.forward(y, output);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        doutput: &[f32; K],
        saved: &mut [f32],
        scratch: &mut [f32],
        _: &Pass,
    ) {
        let (rstd, y) = (front(saved, N), front(scratch, N * C));
        let (grad_norm, grad_head) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        self.norm.affine(x, tokens(y));
        FlatLinear::<N, C, K>::add_gradient(grad_head, y, doutput);
        self.head.input_gradient(doutput, y);
        self.norm.backward(grad_norm, x, rstd, tokens(y));
        copy(x.as_flattened_mut(), y);
    }
}
