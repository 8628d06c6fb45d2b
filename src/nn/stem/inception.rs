//! Convolutions of several lengths side by side, in front of patches.

use core::marker::PhantomData;

use super::{InnerStem, PatchEmbedding, Stem};
use crate::core::layout::{Layout, front, split_array, split_at, split_last};
use crate::core::params::Params;
use crate::core::size::{Cost, max};
use crate::core::tensor::Tensor;
use crate::kernels::pool::max_of_three;
use crate::kernels::rows::{gather_columns, scatter_columns};
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, Axis, Conv1d, Gelu, Linear};
use crate::nn::pass::Pass;

/// The stem of QN-Mixer (Ayad, Larue, Nguyen 2024, [arXiv 2402.17951](https://arxiv.org/abs/2402.17951)) in one dimension: a
/// sample goes through four branches, whose outputs are the features of each position; then a [`PatchEmbedding`] makes tokens.
///
/// - `L`: positions of a sample
/// - `F`: features of a sample
/// - `M`: channels between the two layers of a branch
/// - `B`: channels of each branch
/// - `D`: 4 `B`, the features that the branches make
/// - `P`: positions of a patch
/// - `C`: channels of a token
/// - `A`: the activation
///
/// The branches, as in an Inception module: linear; linear to `M`, activation, convolution with 3 taps; the same with 5 taps;
/// and the maximum of three neighbours, then linear. Nothing is kept for the backward pass, which recomputes the
/// features: they cost little beside the blocks. Nobody needs the gradient of the sample, so none goes through the maximum.
pub struct InceptionStem<
    const L: usize,
    const F: usize,
    const M: usize,
    const B: usize,
    const D: usize,
    const P: usize,
    const C: usize,
    A = Gelu,
> {
    /// `branch1 [B][F]`
    pub linear: Linear<F, B>,
    /// `branch2.0 [M][F]`, `branch2.1 [B][3][M]`
    pub three: Bottleneck<F, M, B, 3, A>,
    /// `branch3.0 [M][F]`, `branch3.1 [B][5][M]`
    pub five: Bottleneck<F, M, B, 5, A>,
    /// `branch4 [B][F]`, of the maxima
    pub pooled: Linear<F, B>,
    /// `patch [C][P D]`
    pub patch: PatchEmbedding<L, D, P, C>,
}

crate::params! {
    [const L: usize, const F: usize, const M: usize, const B: usize, const D: usize, const P: usize, const C: usize, A]
    InceptionStem<L, F, M, B, D, P, C, A> {
        linear: tree(Linear<F, B>, "branch1"),
        three: tree(Bottleneck<F, M, B, 3, A>, "branch2"),
        five: tree(Bottleneck<F, M, B, 5, A>, "branch3"),
        pooled: tree(Linear<F, B>, "branch4"),
        patch: tree(PatchEmbedding<L, D, P, C>, "patch"),
    }
}

/// Linear `F -> M`, activation, convolution `M -> B` with `K` taps.
pub struct Bottleneck<const F: usize, const M: usize, const B: usize, const K: usize, A> {
    /// `0.weight [M][F]`, `0.bias [M]`
    pub reduce: Linear<F, M>,
    /// `1.weight [B][K][M]`, `1.bias [B]`
    pub conv: Conv1d<M, B, M, K>,
    activation: PhantomData<A>,
}

crate::params! {
    [const F: usize, const M: usize, const B: usize, const K: usize, A] Bottleneck<F, M, B, K, A> {
        reduce: tree(Linear<F, M>, "0"),
        conv: tree(Conv1d<M, B, M, K>, "1"),
        activation: tree(PhantomData<A>),
    }
}

impl<const F: usize, const M: usize, const B: usize, const K: usize, A: Activation> Bottleneck<F, M, B, K, A> {
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("0", &Graph::Linear), A::GRAPH, Graph::Named("1", &Graph::Conv { stride: 1 })]);

    const fn forward_scratch(positions: usize) -> usize {
        positions * M + Conv1d::<M, B, M, K>::forward_scratch(positions)
    }

    const fn backward_scratch(positions: usize) -> usize {
        2 * positions * M + Conv1d::<M, B, M, K>::backward_scratch(positions)
    }

    /// `pass` is that of a training pass, which records activations.
    fn forward(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32], pass: Option<&Pass>) {
        let (hidden, scratch) = split_at(scratch, x.len() / F.max(1) * M);
        self.reduce.forward(Axis::Rows, x, hidden);
        if let Some(pass) = pass {
            pass.record::<A>(&self.reduce.bias, hidden);
        }
        A::apply_in_place(hidden);
        self.conv.forward(hidden, y, scratch);
    }

    /// Adds to `grad` from the input and the gradient of the output.
    fn add_gradient(&self, grad: &mut [f32], x: &[f32], dy: &[f32], scratch: &mut [f32]) {
        let (dreduce, dconv) = split_at(grad, Linear::<F, M>::TRAINABLE);
        let hidden = x.len() / F.max(1) * M;
        let ([before, dhidden], scratch) = Layout([hidden, hidden]).split(scratch);
        self.reduce.forward(Axis::Rows, x, before);
        self.conv.input_gradient(dy, dhidden, scratch);
        A::backward(before, dhidden);
        self.conv.add_gradient(dconv, before, dy, scratch);
        Linear::<F, M>::add_gradient(dreduce, Axis::Rows, x, dhidden);
    }
}

impl<
    const L: usize,
    const F: usize,
    const M: usize,
    const B: usize,
    const D: usize,
    const P: usize,
    const C: usize,
    A: Activation,
> InceptionStem<L, F, M, B, D, P, C, A>
{
    /// The features of all positions, and those of one branch.
    const FEATURES: Layout<2> = {
        assert!(D == 4 * B, "the four branches give 4 B features: write D = 4 B");
        Layout([L * D, L * B])
    };
    const FORWARD: usize = Self::FEATURES.total() + max(Bottleneck::<F, M, B, 5, A>::forward_scratch(L), L * F);
    const BACKWARD: usize = Self::FEATURES.total() + max(Bottleneck::<F, M, B, 5, A>::backward_scratch(L), L * F);
    /// Of the gradient of the branches; that of the pooled one follows.
    const PARTS: Layout<3> = Layout([
        Linear::<F, B>::TRAINABLE,
        Bottleneck::<F, M, B, 3, A>::TRAINABLE,
        Bottleneck::<F, M, B, 5, A>::TRAINABLE,
    ]);
    /// Products of all branches for one position: the linear layers on the sample, and the convolutions.
    const LINEAR: usize = 2 * F * B + 2 * F * M;
    const CONVOLUTIONS: usize = (3 + 5) * M * B;

    /// Writes the features, each branch into columns of its own.
    fn branches(&self, x: &[f32], features: &mut [f32], part: &mut [f32], scratch: &mut [f32], pass: Option<&Pass>) {
        self.linear.forward(Axis::Rows, x, part);
        scatter_columns(part, B, features, D, 0);
        self.three.forward(x, part, scratch, pass);
        scatter_columns(part, B, features, D, B);
        self.five.forward(x, part, scratch, pass);
        scatter_columns(part, B, features, D, 2 * B);
        let pooled = front(scratch, x.len());
        max_of_three(pooled, x, F);
        self.pooled.forward(Axis::Rows, pooled, part);
        scatter_columns(part, B, features, D, 3 * B);
    }

    #[inline(never)]
    fn tokens<const N: usize>(
        &self,
        input: &[[f32; F]; L],
        x: &mut [[f32; C]; N],
        scratch: &mut [f32],
        pass: Option<&Pass>,
    ) {
        let (features, scratch) = split_array(scratch);
        let (part, scratch) = split_at(scratch, L * B);
        self.branches(input.as_flattened(), <[[f32; D]; L]>::flat_mut(features), part, scratch, pass);
        self.patch.infer(features, x, scratch);
    }

    /// Adds to `grad` from the sample and the gradient of the features.
    fn branches_backward(&self, grad: &mut [f32], x: &[f32], dfeatures: &[f32], part: &mut [f32], scratch: &mut [f32]) {
        let ([dlinear, dthree, dfive], dpooled) = Self::PARTS.split(grad);
        gather_columns(part, B, dfeatures, D, 0);
        Linear::<F, B>::add_gradient(dlinear, Axis::Rows, x, part);
        gather_columns(part, B, dfeatures, D, B);
        self.three.add_gradient(dthree, x, part, scratch);
        gather_columns(part, B, dfeatures, D, 2 * B);
        self.five.add_gradient(dfive, x, part, scratch);
        gather_columns(part, B, dfeatures, D, 3 * B);
        let pooled = front(scratch, x.len());
        max_of_three(pooled, x, F);
        Linear::<F, B>::add_gradient(dpooled, Axis::Rows, pooled, part);
    }
}

impl<
    const N: usize,
    const L: usize,
    const F: usize,
    const M: usize,
    const B: usize,
    const D: usize,
    const P: usize,
    const C: usize,
    A: Activation,
> Stem<N, C> for InceptionStem<L, F, M, B, D, P, C, A>
{
    type Input = [[f32; F]; L];
    /// The backward pass recomputes the features, and the convolutions' inputs once more; nobody needs the sample's gradient.
    const COST: Cost = Cost {
        saved: <PatchEmbedding<L, D, P, C> as Stem<N, C>>::COST.saved,
        scratch: Self::BACKWARD,
        infer_scratch: Self::FORWARD,
        macs: L * (Self::LINEAR + Self::CONVOLUTIONS + D * C),
        train_macs: L * (3 * Self::LINEAR + 2 * F * M + 4 * Self::CONVOLUTIONS + 3 * D * C),
        ..Cost::of::<Self>()
    };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Reshape { tokens: L, channels: F },
        Graph::Concatenation(&[
            Graph::Named("branch1", &Graph::Linear),
            Graph::Named("branch2", &Bottleneck::<F, M, B, 3, A>::GRAPH),
            Graph::Named("branch3", &Bottleneck::<F, M, B, 5, A>::GRAPH),
            Graph::Sequence(&[Graph::MaxOfThree, Graph::Named("branch4", &Graph::Linear)]),
        ]),
        Graph::Named("patch", &<PatchEmbedding<L, D, P, C> as Stem<N, C>>::GRAPH),
    ]);

    fn infer(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.tokens(input, x, scratch, None);
    }

    fn forward(&self, input: &[[f32; F]; L], x: &mut [[f32; C]; N], _: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.tokens(input, x, scratch, Some(pass));
    }

    #[inline(never)]
    fn backward(
        &self,
        grad: &mut [f32],
        input: &[[f32; F]; L],
        dx: &mut [[f32; C]; N],
        _: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let input = input.as_flattened();
        let (grad, dpatch) = split_last(grad, PatchEmbedding::<L, D, P, C>::TRAINABLE);
        let (features, scratch) = split_array(scratch);
        let (part, scratch) = split_at(scratch, L * B);
        self.branches(input, <[[f32; D]; L]>::flat_mut(features), part, scratch, None);
        self.patch.backward(dpatch, features, dx, &mut [], scratch, pass);
        self.patch.input_gradient(dx, features, scratch);
        self.branches_backward(grad, input, features.as_flattened(), part, scratch);
    }
}
