//! The head of an MLP-Mixer: the mean over the tokens.

use super::Head;
use crate::core::layout::{Layout, front, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::{add_scaled, copy, fill_with_row, normalize_backward};
use crate::nn::graph::Graph;
use crate::nn::layer::{Axis, LayerNorm, Linear};
use crate::nn::pass::Pass;

/// LayerNorm, mean over the `N` tokens, linear `C -> K`.
///
/// The mean of the normalised tokens is taken before weight and bias of the normalisation, which are the same for all.
pub struct MeanHead<const C: usize, const K: usize> {
    /// `norm.weight [C]`, `norm.bias [C]`
    pub norm: LayerNorm<C>,
    /// `head.weight [K][C]`, `head.bias [K]`
    pub head: Linear<C, K>,
}

crate::params! {
    [const C: usize, const K: usize] MeanHead<C, K> {
        norm: tree(LayerNorm<C>, "norm"),
        head: tree(Linear<C, K>, "head"),
    }
}

/// Tokens that the normalisation is undone of at a time.
const SIDE_BY_SIDE: usize = 4;

impl<const C: usize, const K: usize> MeanHead<C, K> {
    /// 1/σ of each token and the mean of the normalised tokens; the normalised tokens themselves stay in the stream.
    const fn kept(tokens: usize) -> Layout<2> {
        Layout([tokens, C])
    }

    /// The pooled token, later its gradient, and the gradient of some tokens.
    const SCRATCH: Layout<2> = Layout([C, SIDE_BY_SIDE * C]);

    fn pool<const N: usize>(x: &[[f32; C]; N], mean: &mut [f32]) {
        mean.fill(0.0);
        for token in x {
            add_scaled(mean, token, 1.0 / N as f32);
        }
    }

    fn apply<const N: usize>(
        &self,
        x: &mut [[f32; C]; N],
        output: &mut [f32; K],
        saved: &mut [f32],
        scratch: &mut [f32],
    ) {
        let pooled = front(scratch, C);
        self.pooled(x, pooled, saved);
        self.head.forward(Axis::Rows, pooled, output);
    }

    /// What the last layer reads.
    fn pooled<const N: usize>(&self, x: &mut [[f32; C]; N], pooled: &mut [f32], saved: &mut [f32]) {
        let ([rstd, mean], _) = Self::kept(N).split(saved);
        LayerNorm::normalize(x, rstd);
        Self::pool(x, mean);
        self.norm.affine(tokens(mean), tokens(pooled));
    }
}

impl<const N: usize, const C: usize, const K: usize> Head<N, C> for MeanHead<C, K> {
    type Output = [f32; K];
    const COST: Cost = Cost {
        saved: Self::kept(N).total(),
        scratch: Self::SCRATCH.total(),
        infer_scratch: Self::kept(N).total() + C,
        ..Cost::of::<Self>().with_macs(C * K, 3)
    };
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("norm", &Graph::LayerNorm), Graph::Mean, Graph::Named("head", &Graph::Linear)]);

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut [f32; K], scratch: &mut [f32]) {
        let (saved, scratch) = split_at(scratch, Self::kept(N).total());
        self.apply(x, output, saved, scratch);
    }

    /// The mean of the normalised tokens.
    fn features(&self, x: &mut [[f32; C]; N], features: &mut [f32; C], scratch: &mut [f32]) {
        self.pooled(x, features, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], output: &mut [f32; K], saved: &mut [f32], scratch: &mut [f32], _: &Pass) {
        self.apply(x, output, saved, scratch);
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
        let ([rstd, mean], _) = Self::kept(N).split(saved);
        let ([pooled, dtokens], _) = Self::SCRATCH.split(scratch);
        let (grad_norm, grad_head) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        self.norm.affine(tokens(mean), tokens(pooled));
        Linear::<C, K>::add_gradient(grad_head, Axis::Rows, pooled, doutput);
        self.head.input_gradient(Axis::Rows, doutput, pooled);
        self.norm.affine_backward(grad_norm, tokens(mean), tokens(pooled));
        let dtoken = front(dtokens, C);
        dtoken.fill(0.0);
        add_scaled(dtoken, pooled, 1.0 / N as f32);
        copy(pooled, dtoken);
        // Not `chunks`, whose check for a size of 0 stays in large programs.
        let (mut tokens_left, mut rstd_left) = (&mut x[..], rstd);
        while !tokens_left.is_empty() {
            let count = tokens_left.len().min(SIDE_BY_SIDE);
            let (tokens, rstd);
            (tokens, tokens_left) = split_at(tokens_left, count);
            (rstd, rstd_left) = split_at(rstd_left, count);
            let tokens = tokens.as_flattened_mut();
            let dtokens = front(dtokens, tokens.len());
            fill_with_row(dtokens, pooled);
            normalize_backward(dtokens, tokens, rstd, C);
            copy(tokens, dtokens);
        }
    }
}
