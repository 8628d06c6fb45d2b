//! The pre-norm residual connection.

use super::{Block, Branch, Label};
use crate::kernels::rows::add_scaled;
use crate::layer::LayerNorm;
use crate::params::Params;
use crate::pass::Pass;
use crate::tensor::Windows;

/// `x + s f(norm(x))`, with s of stochastic depth: 0 or 1/(1-p) in training, 1 in evaluation.
///
/// Its leaves stand directly under the block, named by the branch: `token_norm.weight`, `token_mixing.0.weight`.
pub struct PreNormResidual<F, const C: usize> {
    /// The normalisation before the branch.
    pub norm: LayerNorm<C>,
    /// f
    pub branch: F,
}

crate::params! {
    [F: Label + Params, const C: usize] PreNormResidual<F, C> {
        norm: tree(LayerNorm<C>, F::NORM),
        branch: tree(F, F::NAME),
    }
}

/// x̂ and 1/σ of the normalisation; the branch's own follow.
type Saved<const N: usize, const C: usize> = ([[f32; C]; N], [f32; N]);
/// Input and output gradient of the branch; the branch's own scratch follows.
type Scratch<const N: usize, const C: usize> = ([[f32; C]; N], [[f32; C]; N]);
/// Input of the branch, which becomes its output.
type Infer<const N: usize, const C: usize> = ([[f32; C]; N],);

impl<const N: usize, const C: usize, F: Branch<N, C>> Block<N, C> for PreNormResidual<F, C> {
    const DEPTH: usize = 1;
    const SAVED: usize = Saved::<N, C>::LEN + F::SAVED;
    const SCRATCH: usize = Scratch::<N, C>::LEN + F::SCRATCH;
    const INFER: usize = Infer::<N, C>::LEN + F::INFER;
    const MACS: usize = F::MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let Some(((u,), scratch)) = Infer::<N, C>::carve(scratch) else { return };
        u.copy_from_slice(x);
        self.norm.infer(u);
        self.branch.infer(u, scratch);
        add_scaled(x.as_flattened_mut(), u.as_flattened(), 1.0);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.part(0).branch_scale() else { return };
        let Some(((normalized, rstd), saved)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((u,), scratch)) = Infer::<N, C>::carve(scratch) else { return };
        normalized.copy_from_slice(x);
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, u);
        self.branch.forward(u, saved, scratch, &pass.part(1));
        add_scaled(x.as_flattened_mut(), u.as_flattened(), scale);
    }

    fn backward(&self, grad: &mut Self, dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.part(0).branch_scale() else { return };
        let Some(((normalized, rstd), saved)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((u, dy), scratch)) = Scratch::<N, C>::carve(scratch) else { return };
        self.norm.affine(normalized, u);
        dy.fill([0.0; C]);
        add_scaled(dy.as_flattened_mut(), dx.as_flattened(), scale);
        self.branch.backward(&mut grad.branch, u, dy, saved, scratch, &pass.part(1));
        self.norm.backward(&mut grad.norm, normalized, rstd, dy);
        add_scaled(dx.as_flattened_mut(), dy.as_flattened(), 1.0);
    }
}
