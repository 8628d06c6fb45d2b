//! The pre-norm residual connection.

use super::branch::Normed;
use super::recomputation::{Keep, Recompute};
use super::{Block, Branch, Label};
use crate::core::params::Params;
use crate::core::tensor::Windows;
use crate::kernels::fast::{add_scaled, copy, scaled};
use crate::kernels::rows::scale_and_add;
use crate::nn::layer::LayerNorm;
use crate::nn::pass::Pass;

/// `x + s f(norm(x))`, with s of stochastic depth: 0 or 1/(1-p) in training, 1 in evaluation.
///
/// Its leaves stand directly under the block, named by the branch: `token_norm.weight`, `token_mixing.0.weight`. `K`
/// says what it keeps for the backward pass: [`Keep`] or [`Recompute`], which the branch must do as well.
pub struct PreNormResidual<F, const C: usize, K = Keep> {
    /// The normalisation before the branch.
    pub norm: LayerNorm<C>,
    /// f
    pub branch: F,
    memory: core::marker::PhantomData<K>,
}

crate::params! {
    [F: Label + Params, const C: usize, K] PreNormResidual<F, C, K> {
        norm: tree(LayerNorm<C>, F::NORM),
        branch: tree(F, F::NAME),
        memory: tree(core::marker::PhantomData<K>),
    }
}

impl<F: Params, const C: usize, K> PreNormResidual<F, C, K> {
    /// `x + f(norm(x))` for all tokens, as many at a time as the branch takes.
    fn infer<const N: usize>(&self, x: &mut [[f32; C]; N], scratch: &mut [f32])
    where
        F: Branch<N, C>,
    {
        let Some((u, scratch)) = tokens_from(scratch, F::TOKENS) else { return };
        for x in x.chunks_mut(F::TOKENS) {
            let Some(u) = u.get_mut(..x.len()) else { return };
            self.norm.infer(x, u);
            self.branch.infer(u, scratch);
            add_scaled(x.as_flattened_mut(), u.as_flattened(), 1.0);
        }
    }

    /// `u = f(norm(u))`
    pub(super) fn infer_branch<const N: usize>(&self, u: &mut [[f32; C]; N], scratch: &mut [f32])
    where
        F: Branch<N, C>,
    {
        for u in u.chunks_mut(F::TOKENS) {
            self.norm.infer_in_place(u);
            self.branch.infer(u, scratch);
        }
    }

    /// `y = x + s f(norm(x))` in training where `y` holds `x`, keeping nothing.
    pub(super) fn replay<const N: usize>(
        &self,
        x: &[[f32; C]; N],
        y: &mut [[f32; C]; N],
        scratch: &mut [f32],
        pass: &Pass,
    ) where
        F: Branch<N, C>,
    {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        self.apply(y, scratch, &pass.child(1));
        scale_and_add(y.as_flattened_mut(), x.as_flattened(), scale);
    }

    /// The backward pass of [`replay`](Self::replay) from `x`, its input, which is overwritten.
    pub(super) fn replay_backward<const N: usize>(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]; N],
        dx: &mut [[f32; C]; N],
        scratch: &mut [f32],
        pass: &Pass,
    ) where
        F: Branch<N, C>,
    {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some((dy, scratch)) = tokens_from(scratch, F::TOKENS) else { return };
        let Some((rstd, scratch)) = scratch.split_at_mut_checked(F::TOKENS) else { return };
        for (portion, (x, dx)) in x.chunks_mut(F::TOKENS).zip(dx.chunks_mut(F::TOKENS)).enumerate() {
            let Some(dy) = dy.get_mut(..dx.len()) else { return };
            scaled(dy.as_flattened_mut(), dx.as_flattened(), scale);
            LayerNorm::normalize(x, rstd);
            let pass = pass.child(1).from_vector(portion * F::TOKENS);
            let Some(grad_norm) = self.pull_back(grad, x, dy, (&mut [], &mut *scratch), &pass) else { return };
            self.norm.backward_onto(grad_norm, x, rstd, dy, dx);
        }
    }

    /// `u = f(norm(u))` in training, keeping nothing.
    pub(super) fn apply<const N: usize>(&self, u: &mut [[f32; C]; N], scratch: &mut [f32], pass: &Pass)
    where
        F: Branch<N, C>,
    {
        for (portion, u) in u.chunks_mut(F::TOKENS).enumerate() {
            self.norm.infer_in_place(u);
            self.branch.forward(u, &mut [], scratch, &pass.from_vector(portion * F::TOKENS));
        }
    }

    /// The backward pass of [`apply`](Self::apply) for as many tokens as the branch takes, from its input: `dy` becomes
    /// the gradient with respect to it.
    pub(super) fn apply_backward<const N: usize>(
        &self,
        grad: &mut [f32],
        input: &mut [[f32; C]],
        dy: &mut [[f32; C]],
        scratch: &mut [f32],
        pass: &Pass,
    ) where
        F: Branch<N, C>,
    {
        let Some((rstd, scratch)) = scratch.split_at_mut_checked(F::TOKENS) else { return };
        LayerNorm::normalize(input, rstd);
        let Some(grad_norm) = self.pull_back(grad, input, dy, (&mut [], scratch), pass) else { return };
        self.norm.backward(grad_norm, input, rstd, dy);
    }

    /// `dy` becomes the gradient with respect to what the normalisation gives. Returns the normalisation's part of `grad`.
    fn pull_back<'a, const N: usize>(
        &self,
        grad: &'a mut [f32],
        normalized: &[[f32; C]],
        dy: &mut [[f32; C]],
        (saved, scratch): (&mut [f32], &mut [f32]),
        pass: &Pass,
    ) -> Option<&'a mut [f32]>
    where
        F: Branch<N, C>,
    {
        let (grad_norm, grad_branch) = grad.split_at_mut_checked(LayerNorm::<C>::TRAINABLE)?;
        let u = Normed { norm: &self.norm, normalized };
        self.branch.backward(grad_branch, &u, dy, saved, scratch, pass);
        Some(grad_norm)
    }

    /// `f32` of the scratch of [`apply_backward`](Self::apply_backward).
    pub(super) const fn apply_scratch<const N: usize>() -> usize
    where
        F: Branch<N, C>,
    {
        assert!(F::SAVED == 0, "a branch that keeps nothing is needed: give `Recompute` to the branch as well");
        F::TOKENS + F::SCRATCH
    }
}

/// Room for so many tokens, and the rest.
fn tokens_from<const C: usize>(scratch: &mut [f32], count: usize) -> Option<(&mut [[f32; C]], &mut [f32])> {
    let (tokens, rest) = scratch.split_at_mut_checked(count * C)?;
    Some((tokens.as_chunks_mut().0, rest))
}

/// x̂ and 1/σ of the normalisation; the branch's own follow.
type Saved<const N: usize, const C: usize> = ([[f32; C]; N], [f32; N]);
/// Input of the branch, which becomes its output; in the backward pass the gradient of the output, which becomes that of
/// the input. The branch's own scratch follows.
type Scratch<const N: usize, const C: usize> = ([[f32; C]; N],);

impl<const N: usize, const C: usize, F: Branch<N, C>> Block<N, C> for PreNormResidual<F, C, Keep> {
    const DEPTH: usize = 1;
    const SAVED: usize = {
        assert!(F::TOKENS == N, "a branch that keeps everything is needed: give `Keep` to the branch as well");
        Saved::<N, C>::LEN + F::SAVED
    };
    const SCRATCH: usize = Scratch::<N, C>::LEN + F::SCRATCH;
    const INFER: usize = F::TOKENS * C + F::INFER;
    const MACS: usize = F::MACS;
    const TRAIN_MACS: usize = F::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((normalized, rstd), saved)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((u,), scratch)) = Scratch::<N, C>::carve(scratch) else { return };
        self.norm.forward(x, normalized, rstd, u);
        self.branch.forward(u, saved, scratch, &pass.child(1));
        add_scaled(x.as_flattened_mut(), u.as_flattened(), scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else { return };
        let Some(((normalized, rstd), saved)) = Saved::<N, C>::carve(saved) else { return };
        let Some(((dy,), scratch)) = Scratch::<N, C>::carve(scratch) else { return };
        scaled(dy.as_flattened_mut(), dx.as_flattened(), scale);
        let Some(grad_norm) = self.pull_back(grad, normalized, dy, (saved, scratch), &pass.child(1)) else { return };
        self.norm.backward_onto(grad_norm, normalized, rstd, dy, dx);
    }
}

impl<const N: usize, const C: usize, const V: usize, F: Branch<N, C>> Block<N, C>
    for PreNormResidual<F, C, Recompute<V>>
{
    const DEPTH: usize = 1;
    const SAVED: usize = N * C;
    const SCRATCH: usize = F::TOKENS * C + Self::apply_scratch();
    const INFER: usize = F::TOKENS * C + F::INFER;
    const MACS: usize = F::MACS;
    const TRAIN_MACS: usize = F::TRAIN_MACS;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(((input,), _)) = Scratch::<N, C>::carve(saved) else { return };
        copy(input.as_flattened_mut(), x.as_flattened());
        self.replay(input, x, scratch, pass);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(((input,), _)) = Scratch::<N, C>::carve(saved) else { return };
        self.replay_backward(grad, input, dx, scratch, pass);
    }
}
