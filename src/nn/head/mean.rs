//! The head of an MLP-Mixer: the mean over the tokens.

use super::Head;
use crate::core::params::Params;
use crate::core::tensor::Windows;
use crate::kernels::fast::{add_scaled, copy, fill_with_row};
use crate::kernels::norm::normalize_backward;
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

/// 1/σ of each token and the mean of the normalised tokens; the normalised tokens themselves stay in the stream.
type Saved<const N: usize, const C: usize> = ([f32; N], [[f32; C]; 1]);
/// The pooled token.
type Pooled<const C: usize> = ([[f32; C]; 1],);
/// The pooled token, later its gradient, and the gradient of some tokens.
type Scratch<const C: usize> = ([[f32; C]; 1], [[f32; C]; SIDE_BY_SIDE]);

/// Tokens that the normalisation is undone of at a time.
const SIDE_BY_SIDE: usize = 4;

impl<const C: usize, const K: usize> MeanHead<C, K> {
    fn pool<const N: usize>(x: &[[f32; C]; N], mean: &mut [[f32; C]; 1]) {
        let mean = mean.as_flattened_mut();
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
        let Some(((rstd, mean), _)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((pooled,), _)) = Pooled::<C>::carve(scratch) else { return };
        LayerNorm::normalize(x, rstd);
        Self::pool(x, mean);
        self.norm.affine(mean, pooled);
        self.head.forward(Axis::Rows, pooled.as_flattened(), output);
    }
}

impl<const N: usize, const C: usize, const K: usize> Head<N, C> for MeanHead<C, K> {
    type Output = [f32; K];
    const SAVED: usize = Saved::<N, C>::LEN;
    const SCRATCH: usize = Scratch::<C>::LEN;
    const INFER: usize = Saved::<N, C>::LEN + Pooled::<C>::LEN;
    const MACS: usize = C * K;

    fn infer(&self, x: &mut [[f32; C]; N], output: &mut [f32; K], scratch: &mut [f32]) {
        let Some((saved, scratch)) = scratch.split_at_mut_checked(Saved::<N, C>::LEN) else { return };
        self.apply(x, output, saved, scratch);
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
        let Some(((rstd, mean), _)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((pooled, dtokens), _)) = Scratch::<C>::carve(scratch) else { return };
        let Some((grad_norm, grad_head)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
        self.norm.affine(mean, pooled);
        Linear::<C, K>::add_gradient(grad_head, Axis::Rows, pooled.as_flattened(), doutput);
        self.head.input_gradient(Axis::Rows, doutput, pooled.as_flattened_mut());
        self.norm.affine_backward(grad_norm, mean, pooled);
        let [dtoken, ..] = dtokens;
        dtoken.fill(0.0);
        add_scaled(dtoken, pooled.as_flattened(), 1.0 / N as f32);
        *pooled = [*dtoken];
        for (tokens, rstd) in x.chunks_mut(SIDE_BY_SIDE).zip(rstd.chunks(SIDE_BY_SIDE)) {
            let Some(dtokens) = dtokens.get_mut(..tokens.len()) else { return };
            let (tokens, dtokens) = (tokens.as_flattened_mut(), dtokens.as_flattened_mut());
            fill_with_row(dtokens, pooled.as_flattened());
            normalize_backward(dtokens, tokens, rstd, C);
            copy(tokens, dtokens);
        }
    }
}
