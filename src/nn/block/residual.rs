//! The pre-norm residual connection.

use super::branch::Normed;
use super::recomputation::{Keep, Recompute};
use super::{Block, Branch};
use crate::core::layout::{Layout, front, split_at, tokens};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::{add_scaled, copy, scaled};
use crate::kernels::rows::scale_and_add;
use crate::nn::graph::Graph;
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
    [F: Params, const C: usize, K] PreNormResidual<F, C, K> {
        norm: tree(LayerNorm<C>, F::LABEL.norm),
        branch: tree(F, F::LABEL.branch),
        memory: tree(core::marker::PhantomData<K>),
    }
}

impl<F: Params, const C: usize, K> PreNormResidual<F, C, K> {
    /// `x + f(norm(x))` for all tokens, as many at a time as the branch takes.
    fn infer<const N: usize>(&self, x: &mut [[f32; C]; N], scratch: &mut [f32])
    where
        F: Branch<N, C>,
    {
        let (u, scratch) = split_at(scratch, F::TOKENS * C);
        for x in x.chunks_mut(F::TOKENS) {
            let u = front(tokens(u), x.len());
            self.norm.infer(x, u);
            self.branch.infer(u, scratch);
            add_scaled(x.as_flattened_mut(), u.as_flattened(), 1.0);
        }
    }

    /// `f(norm(x))`
    pub(super) const fn graph<const N: usize>() -> Graph
    where
        F: Branch<N, C>,
    {
        const { Graph::Sequence(&[Graph::Named(F::LABEL.norm, &Graph::LayerNorm), Graph::Named(F::LABEL.branch, &F::GRAPH)]) }
    }

    /// `u = f(norm(u))`
    pub(super) fn infer_branch<const N: usize>(&self, u: &mut [[f32; C]], scratch: &mut [f32])
    where
        F: Branch<N, C>,
    {
        for u in u.chunks_mut(F::TOKENS) {
            self.norm.infer_in_place(u);
            self.branch.infer(u, scratch);
        }
    }

    /// `y = x + s f(norm(x))` in training where `y` holds `x`, keeping nothing.
    pub(super) fn replay<const N: usize>(&self, x: &[f32], y: &mut [[f32; C]], scratch: &mut [f32], pass: &Pass)
    where
        F: Branch<N, C>,
    {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        self.apply(y, scratch, &pass.child(1));
        scale_and_add(y.as_flattened_mut(), x, scale);
    }

    /// The backward pass of [`replay`](Self::replay) from `x`, its input, which is overwritten.
    pub(super) fn replay_backward<const N: usize>(
        &self,
        grad: &mut [f32],
        x: &mut [[f32; C]],
        dx: &mut [[f32; C]; N],
        scratch: &mut [f32],
        pass: &Pass,
    ) where
        F: Branch<N, C>,
    {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([dy, rstd], scratch) = Layout([F::TOKENS * C, F::TOKENS]).split(scratch);
        for (portion, (x, dx)) in x.chunks_mut(F::TOKENS).zip(dx.chunks_mut(F::TOKENS)).enumerate() {
            let dy = front(tokens(dy), dx.len());
            scaled(dy.as_flattened_mut(), dx.as_flattened(), scale);
            LayerNorm::normalize(x, rstd);
            let pass = pass.child(1).from_vector(portion * F::TOKENS);
            let grad_norm = self.pull_back(grad, x, dy, (&mut [], &mut *scratch), &pass);
            self.norm.backward_onto(grad_norm, x, rstd, dy, dx);
        }
    }

    /// `u = f(norm(u))` in training, keeping nothing.
    pub(super) fn apply<const N: usize>(&self, u: &mut [[f32; C]], scratch: &mut [f32], pass: &Pass)
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
        let (rstd, scratch) = split_at(scratch, F::TOKENS);
        LayerNorm::normalize(input, rstd);
        let grad_norm = self.pull_back(grad, input, dy, (&mut [], scratch), pass);
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
    ) -> &'a mut [f32]
    where
        F: Branch<N, C>,
    {
        let (grad_norm, grad_branch) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        let u = Normed { norm: &self.norm, normalized };
        self.branch.backward(grad_branch, &u, dy, saved, scratch, pass);
        grad_norm
    }

    /// `f32` of the scratch of [`apply_backward`](Self::apply_backward).
    pub(super) const fn apply_scratch<const N: usize>() -> usize
    where
        F: Branch<N, C>,
    {
        assert!(F::COST.saved == 0, "a branch that keeps nothing is needed: give `Recompute` to the branch as well");
        F::TOKENS + F::COST.scratch
    }
}

/// x̂ and 1/σ of the normalisation are kept; the branch's own follow. In scratch is the input of the branch, which becomes its
/// output, and in the backward pass the gradient of the output, which becomes that of the input.
impl<const N: usize, const C: usize, F: Branch<N, C>> Block<N, C> for PreNormResidual<F, C, Keep> {
    const COST: Cost = {
        assert!(F::TOKENS == N, "a branch that keeps everything is needed: give `Keep` to the branch as well");
        let branch = F::COST.plus_saved(LayerNorm::<C>::kept(N).total()).plus_scratch(N * C);
        Cost { max_grad: Self::TRAINABLE, depth: 1, ..branch }
    };
    const GRAPH: Graph = Graph::Residual(&Self::graph::<N>());

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([normalized, rstd], saved) = LayerNorm::<C>::kept(N).split(saved);
        let (u, scratch) = split_at(scratch, N * C);
        let u = tokens(u);
        self.norm.forward(x, tokens(normalized), rstd, u);
        self.branch.forward(u, saved, scratch, &pass.child(1));
        add_scaled(x.as_flattened_mut(), u.as_flattened(), scale);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some(scale) = pass.child(0).branch_scale() else {
            return; // left out
        };
        let ([normalized, rstd], saved) = LayerNorm::<C>::kept(N).split(saved);
        let (dy, scratch) = split_at(scratch, N * C);
        scaled(dy, dx.as_flattened(), scale);
        let (normalized, dy) = (tokens(normalized), tokens(dy));
        let grad_norm = self.pull_back(grad, normalized, dy, (saved, scratch), &pass.child(1));
        self.norm.backward_onto(grad_norm, normalized, rstd, dy, dx);
    }
}

impl<const N: usize, const C: usize, const V: usize, F: Branch<N, C>> Block<N, C>
    for PreNormResidual<F, C, Recompute<V>>
{
    const COST: Cost = Cost {
        saved: N * C,
        scratch: F::TOKENS * C + Self::apply_scratch(),
        infer_scratch: F::TOKENS * C + F::COST.infer_scratch,
        max_grad: Self::TRAINABLE,
        depth: 1,
        ..F::COST
    };
    const GRAPH: Graph = Graph::Residual(&Self::graph::<N>());

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let input = front(saved, N * C);
        copy(input, x.as_flattened());
        self.replay(input, x, scratch, pass);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.replay_backward(grad, tokens(front(saved, N * C)), dx, scratch, pass);
    }
}
