//! Patches of a sequence or a table row, each embedded by one shared linear layer.

use core::marker::PhantomData;

use super::{InnerStem, Stem};
use crate::core::layout::split_at;
use crate::core::params::{Init, Role};
use crate::core::size::Cost;
use crate::kernels::{arch, matmul, rows};
use crate::nn::graph::Graph;
use crate::nn::layer::{All, Trainable};
use crate::nn::pass::Pass;

/// Cuts a sample `[L positions][F features]` into patches of `P` positions and maps each to a token of `C` channels
/// by the same linear layer: a convolution with kernel and stride `P`. A row of a table is `F = 1`, a time series `P
/// = 1` or more.
///
/// There are `⌈L / P⌉` tokens; positions missing in the last patch count as 0.
pub struct PatchEmbedding<const L: usize, const F: usize, const P: usize, const C: usize, W = All> {
    /// `[channels][position in the patch][feature]`
    pub weight: [[[f32; F]; P]; C],
    /// `[channels]`
    pub bias: [f32; C],
    tuning: PhantomData<W>,
}

crate::params! {
    [const L: usize, const F: usize, const P: usize, const C: usize, W: Trainable] PatchEmbedding<L, F, P, C, W> {
        weight: leaf(Role::Weight, [C, P * F], Init::FanIn(P * F), W::WEIGHTS),
        bias: leaf(Role::Bias, [C], Init::FanIn(P * F)),
        tuning: tree(PhantomData<W>),
    }
}

impl<const L: usize, const F: usize, const P: usize, const C: usize, W> PatchEmbedding<L, F, P, C, W> {
    /// Weights, row by row.
    fn matrix(&self) -> &[f32] {
        self.weight.as_flattened().as_flattened()
    }

    /// The stretch of the last, incomplete patch of the sample; empty when `P` divides `L`.
    fn remainder(input: &[[f32; F]; L]) -> &[f32] {
        input.chunks_exact(P).remainder().as_flattened()
    }
}

impl<const N: usize, const L: usize, const F: usize, const P: usize, const C: usize, W: Trainable> Stem<N, C>
    for PatchEmbedding<L, F, P, C, W>
{
    type Input = [[f32; F]; L];
    const PATCHWISE: bool = true;
    const COST: Cost = {
        assert!(P > 0, "a patch needs a position: write 1 or more for P");
        assert!(N == L.div_ceil(P), "the number of tokens is the number of patches: write N = L / P, rounded up");
        Cost::of::<Self>().with_macs(L * F * C, if W::WEIGHTS { 2 } else { 1 })
    };
    const GRAPH: Graph = Graph::Sequence(&[Graph::Reshape { tokens: N, channels: P * F }, Graph::Linear]);

    fn infer(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], _: &mut [f32]) {
        let x = x.as_flattened_mut();
        arch::fill_with_row(x, &self.bias);
        let (whole, last) = split_at(x, L / P * C);
        matmul::nt(whole, (input.as_flattened(), P * F), (self.matrix(), P * F), P * F, C);
        for (x, weight) in last.iter_mut().zip(rows::rows(self.matrix(), P * F)) {
            *x += rows::dot(Self::remainder(input), weight);
        }
    }

    fn forward(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
        self.infer(input, x, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &[[f32; F]; L],
        dx: &mut [[f32; C]; N],
        _: &mut [f32],
        _: &mut [f32],
        _: &Pass,
    ) {
        let weights = if W::WEIGHTS { C * P * F } else { 0 };
        let (weight, bias) = split_at(grad, weights);
        arch::add_column_sums(bias, dx.as_flattened());
        if !W::WEIGHTS {
            return;
        }
        let (whole, last) = split_at(dx.as_flattened_mut(), L / P * C);
        matmul::tn(weight, (whole, C), (input.as_flattened(), P * F), L / P, P * F);
        for (dx, weight) in last.iter().zip(rows::rows_mut(weight, P * F)) {
            arch::add_scaled(weight, Self::remainder(input), *dx);
        }
    }
}

impl<const N: usize, const L: usize, const F: usize, const P: usize, const C: usize, W: Trainable> InnerStem<N, C>
    for PatchEmbedding<L, F, P, C, W>
{
    const INPUT_MACS: usize = L * F * C;

    fn input_gradient(&self, dx: &mut [[f32; C]; N], dinput: &mut [[f32; F]; L], _: &mut [f32]) {
        let (whole, last) = split_at(dx.as_flattened_mut(), L / P * C);
        let dinput = dinput.as_flattened_mut();
        arch::fill(dinput, 0.0);
        let (dwhole, dlast) = split_at(dinput, L / P * P * F);
        matmul::nn(dwhole, (whole, C), (self.matrix(), P * F), C, P * F);
        let width = dlast.len();
        matmul::nn(dlast, (last, C), (self.matrix(), P * F), C, width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::params::Params;

    #[test]
    fn a_patch_is_a_stretch_of_the_sample_and_the_last_is_padded_with_zeros() {
        let mut stem = PatchEmbedding::<5, 1, 2, 2>::ZERO;
        stem.weight = [[[1.0], [10.0]], [[0.0], [1.0]]];
        stem.bias = [0.5, 0.0];
        let input = [[1.0], [2.0], [3.0], [4.0], [5.0]];
        let mut x = [[0.0; 2]; 3];
        stem.infer(&input, &mut x, &mut []);
        assert_eq!(x, [[21.5, 2.0], [43.5, 4.0], [5.5, 0.0]]);
    }
}
