//! A head that gives each token a patch of values.

use super::Head;
use crate::core::params::Params;
use crate::core::tensor::{Tensor, Windows};
use crate::nn::layer::{Axis, LayerNorm, Linear};
use crate::nn::pass::Pass;

/// LayerNorm, then the same linear layer `C -> P` for every token: what the patch of `P` values was that the token
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

/// 1/σ of each token; the normalised tokens themselves stay in the stream.
type Saved<const N: usize> = ([f32; N],);
/// The normalised and scaled stream, later its gradient.
type Scratch<const N: usize, const C: usize> = ([[f32; C]; N],);

impl<const N: usize, const C: usize, const P: usize> Head<N, C> for ReconstructionHead<C, P> {
    type Output = [[f32; P]; N];
    const SAVED: usize = Saved::<N>::LEN;
    const SCRATCH: usize = Scratch::<N, C>::LEN;
    const INFER: usize = 0;
    const MACS: usize = N * C * P;

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
        let Some(((rstd,), _)) = Saved::<N>::carve(saved) else { return };
        let Some(((y,), _)) = Scratch::<N, C>::carve(scratch) else { return };
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
        let Some(((rstd,), _)) = Saved::<N>::carve(saved) else { return };
        let Some(((y,), _)) = Scratch::<N, C>::carve(scratch) else { return };
        let Some((grad_norm, grad_head)) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE) else { return };
        self.norm.affine(x, y);
        Linear::<C, P>::add_gradient(grad_head, Axis::Rows, y.flat(), doutput.flat());
        self.head.input_gradient(Axis::Rows, doutput.flat(), y.flat_mut());
        self.norm.backward(grad_norm, x, rstd, y);
        *x = *y;
    }
}
