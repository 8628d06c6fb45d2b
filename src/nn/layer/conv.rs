//! Convolution along the tokens.

use core::marker::PhantomData;

use super::{All, TokenMap, Trainable};
use crate::core::layout::{front, split_at};
use crate::core::params::{Init, Role};
use crate::core::size::{Cost, max};
use crate::kernels::arch::{self, fill};
use crate::kernels::conv::{self, Shape, Spread, spread};
use crate::kernels::rows;
use crate::nn::graph::Graph;

/// PyTorch's `nn.Conv1d` on a stream `[tokens][IN]`, which becomes `[tokens / STRIDE, rounded up][OUT]`: cross-correlation
/// with a kernel of `K` taps, zeros outside the stream, `(K - 1) / 2` of them before it.
///
/// `PER_GROUP` is how many input channels an output channel sees: `IN` for a dense convolution, fewer for `IN / PER_GROUP`
/// groups (Xie et al. 2017, [arXiv 1611.05431](https://arxiv.org/abs/1611.05431)). For a single one take
/// [`DepthwiseConv1d`](super::DepthwiseConv1d).
///
/// The kernel stands in memory as windows of the stream do, `[out][tap][in]`; PyTorch's is `weight.transpose(1, 2)` of it.
pub struct Conv1d<
    const IN: usize,
    const OUT: usize,
    const PER_GROUP: usize,
    const K: usize,
    const STRIDE: usize = 1,
    W = All,
> {
    /// `[out][tap][in of the group]`
    pub weight: [[[f32; PER_GROUP]; K]; OUT],
    /// `[out]`
    pub bias: [f32; OUT],
    tuning: PhantomData<W>,
}

crate::params! {
    [const IN: usize, const OUT: usize, const PER_GROUP: usize, const K: usize, const STRIDE: usize, W: Trainable]
    Conv1d<IN, OUT, PER_GROUP, K, STRIDE, W> {
        weight: leaf(Role::Weight, [OUT, K, PER_GROUP], Init::FanIn(K * PER_GROUP), W::WEIGHTS),
        bias: leaf(Role::Bias, [OUT], Init::FanIn(K * PER_GROUP)),
        tuning: tree(PhantomData<W>),
    }
}

/// Sizes.
impl<const IN: usize, const OUT: usize, const PER_GROUP: usize, const K: usize, const STRIDE: usize, W: Trainable>
    Conv1d<IN, OUT, PER_GROUP, K, STRIDE, W>
{
    const GROUPS: usize = {
        assert!(
            PER_GROUP > 0 && IN > 0 && IN.is_multiple_of(PER_GROUP) && OUT.is_multiple_of(IN / PER_GROUP),
            "channels in and out must be whole groups: choose PER_GROUP so that IN / PER_GROUP divides OUT"
        );
        assert!(K > 0 && STRIDE > 0, "a kernel needs a tap and a stride: write 1 or more for K and for STRIDE");
        assert!(
            STRIDE > 1 || !K.is_multiple_of(2),
            "a kernel of even length has no middle: choose an odd K, or a stride"
        );
        IN / PER_GROUP
    };
    /// Output channels of a group.
    const OUTPUTS: usize = OUT / Self::GROUPS;
    const SHAPE: Shape = Shape { inputs: PER_GROUP, outputs: Self::OUTPUTS, taps: K, stride: STRIDE };
    const BEFORE: usize = (K - 1) / 2;

    /// Tokens of the output.
    pub const fn tokens(tokens: usize) -> usize {
        let _ = Self::GROUPS;
        tokens.div_ceil(STRIDE)
    }

    /// `f32` that [`forward`](Self::forward) needs for `tokens` tokens.
    pub const fn forward_scratch(tokens: usize) -> usize {
        (tokens + K - 1) * PER_GROUP + if Self::GROUPS == 1 { 0 } else { Self::tokens(tokens) * Self::OUTPUTS }
    }

    /// `f32` that [`backward`](Self::backward) needs for `tokens` tokens.
    pub const fn backward_scratch(tokens: usize) -> usize {
        let (x, dy) = ((tokens + K - 1) * PER_GROUP, (tokens + K - 1) * Self::OUTPUTS);
        if Self::GROUPS == 1 {
            max(x, dy)
        } else {
            max(x + Self::tokens(tokens) * Self::OUTPUTS, dy + tokens * PER_GROUP)
        }
    }
}

impl<const IN: usize, const OUT: usize, const PER_GROUP: usize, const K: usize, const STRIDE: usize, W: Trainable>
    Conv1d<IN, OUT, PER_GROUP, K, STRIDE, W>
{
    /// `y = weight ⋆ x + bias`
    #[inline(never)]
    pub fn forward(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        arch::fill_with_row(y, &self.bias);
        for (group, weight) in self.groups() {
            let (padded, rest) = Self::padded(x, group, scratch);
            if Self::GROUPS == 1 {
                conv::forward(y, padded, weight, Self::SHAPE);
            } else {
                let (first, count) = (group * Self::OUTPUTS, Self::OUTPUTS);
                let part = front(rest, y.len() / Self::GROUPS);
                rows::gather_columns(part, count, y, OUT, first);
                conv::forward(part, padded, weight, Self::SHAPE);
                rows::scatter_columns(part, count, y, OUT, first);
            }
        }
    }

    /// Adds to `grad`, `[weight, bias]`, the gradient for the input `x` and the gradient `dy` of the output; writes the
    /// gradient of the input to `dx`.
    #[inline(never)]
    pub fn backward(&self, grad: &mut [f32], x: &[f32], dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        self.add_gradient(grad, x, dy, scratch);
        self.input_gradient(dy, dx, scratch);
    }

    /// The part of [`backward`](Self::backward) that looks at the parameters.
    pub fn add_gradient(&self, grad: &mut [f32], x: &[f32], dy: &[f32], scratch: &mut [f32]) {
        let weights = if W::WEIGHTS { OUT * K * PER_GROUP } else { 0 };
        let (dweight, dbias) = split_at(grad, weights);
        arch::add_column_sums(dbias, dy);
        for (group, dweight) in dweight.chunks_exact_mut((Self::OUTPUTS * K * PER_GROUP).max(1)).enumerate() {
            let (padded, rest) = Self::padded(x, group, scratch);
            if Self::GROUPS == 1 {
                conv::weight_gradient(dweight, padded, dy, Self::SHAPE);
            } else {
                let part = front(rest, dy.len() / Self::GROUPS);
                rows::gather_columns(part, Self::OUTPUTS, dy, OUT, group * Self::OUTPUTS);
                conv::weight_gradient(dweight, padded, part, Self::SHAPE);
            }
        }
    }

    /// The part of [`backward`](Self::backward) that looks at the input.
    pub fn input_gradient(&self, dy: &[f32], dx: &mut [f32], scratch: &mut [f32]) {
        let rows = dx.len() / IN.max(1) + K - 1;
        let to = Spread { before: K - 1 - Self::BEFORE, step: STRIDE };
        for (group, weight) in self.groups() {
            let (padded, rest) = split_at(scratch, rows * Self::OUTPUTS);
            spread(padded, Self::OUTPUTS, to, dy, OUT, group * Self::OUTPUTS);
            if Self::GROUPS == 1 {
                fill(dx, 0.0);
                conv::input_gradient(dx, padded, weight, Self::SHAPE);
            } else {
                let part = front(rest, dx.len() / Self::GROUPS);
                fill(part, 0.0);
                conv::input_gradient(part, padded, weight, Self::SHAPE);
                rows::scatter_columns(part, PER_GROUP, dx, IN, group * PER_GROUP);
            }
        }
    }

    /// The kernels of each group.
    fn groups(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let weight = self.weight.as_flattened().as_flattened();
        weight.chunks_exact((Self::OUTPUTS * K * PER_GROUP).max(1)).enumerate()
    }

    /// The channels of a group with zeros around them, and the rest of `scratch`.
    fn padded<'a>(x: &[f32], group: usize, scratch: &'a mut [f32]) -> (&'a [f32], &'a mut [f32]) {
        let rows = x.len() / IN.max(1) + K - 1;
        let (padded, rest) = split_at(scratch, rows * PER_GROUP);
        spread(padded, PER_GROUP, Spread { before: Self::BEFORE, step: 1 }, x, IN, group * PER_GROUP);
        (padded, rest)
    }
}

impl<const N: usize, const IN: usize, const OUT: usize, const PER_GROUP: usize, const K: usize, W: Trainable>
    TokenMap<N> for Conv1d<IN, OUT, PER_GROUP, K, 1, W>
{
    const IN: usize = IN;
    const OUT: usize = OUT;
    const COST: Cost = Cost {
        scratch: max(Self::forward_scratch(N), Self::backward_scratch(N)),
        infer_scratch: Self::forward_scratch(N),
        ..Cost::of::<Self>().with_macs(N * K * PER_GROUP * OUT, if W::WEIGHTS { 3 } else { 2 })
    };
    const GRAPH: Graph = Graph::Conv { stride: 1 };

    fn infer(&self, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        self.forward(x, y, scratch);
    }

    fn forward(&self, x: &[f32], y: &mut [f32], _: &mut [f32], scratch: &mut [f32]) {
        self.forward(x, y, scratch);
    }

    fn backward(&self, grad: &mut [f32], x: &[f32], dy: &[f32], dx: &mut [f32], _: &mut [f32], scratch: &mut [f32]) {
        self.backward(grad, x, dy, dx, scratch);
    }
}
