//! Numbers of a table as piecewise-linear functions of themselves, before another stem.
//!
//! The method fits the edges of the bins to the quantiles of each column, so that each bin holds as many samples. Here the edges are
//! the same for all columns and part of no struct: the data are brought to the bins instead. A column that was mapped to its
//! quantiles ([`Quantiles`](crate::data::Quantiles), `host-sim train --scaling quantile`) is spread evenly from -√3 to √3, and bins of
//! one width then lie between its quantiles. That is the same function, and:
//!
//! - the edges take no RAM, neither here nor in a checkpoint: they are a part of how data are prepared, as the means of a scaler
//!   are, and stand in flash or on the host;
//! - weights say nothing about data, so that a trainer restored from weights is whole;
//! - the inputs have mean 0 and deviation 1, so that every other network takes them too, and this one takes inputs that were only
//!   standardised: its bins are then of one width, the outer ones endless;
//! - all columns have one range, so that [`Int8`](super::Int8) holds a column in one byte with one scale.

use super::{InnerStem, Stem};
use crate::core::layout::{split_array, split_at};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::nn::graph::Graph;
use crate::nn::layer::PiecewiseLinear;
use crate::nn::pass::Pass;

/// The stem `S`, which sees `E` values for each of the `L` columns of a table row, piecewise-linear functions of the column with
/// `BINS` bins: [`PiecewiseLinear`]. With `DenseStem<{ L * E }, ..>` it makes a perceptron, with `PatchEmbedding<L, E, P, C>` tokens of
/// `P` columns each.
///
/// Nothing is kept for the backward pass, which computes the values again; they lie in scratch, which the blocks use after it.
///
/// ```
/// use trainlet::core::params::Params;
/// use trainlet::nn::head::DenseHead;
/// use trainlet::nn::net::Net;
/// use trainlet::nn::stem::{DenseStem, Piecewise};
///
/// /// 42 columns, 8 bins and 2 values for each.
/// type Flow = Net<1, 32, Piecewise<DenseStem<84, 32, 32>, 42, 8, 2>, (), DenseHead<32, 2>>;
/// assert_eq!(Flow::COUNT, 42 * 9 * 2 + 85 * 32 + 33 * 32 + 33 * 2);
/// ```
pub struct Piecewise<S, const L: usize, const BINS: usize, const E: usize> {
    /// `pieces.weight [L][BINS][E]`, `pieces.bias [L][E]`
    pub pieces: PiecewiseLinear<L, BINS, E>,
    /// The stem.
    pub stem: S,
}

crate::params! {
    [S: Params, const L: usize, const BINS: usize, const E: usize] Piecewise<S, L, BINS, E> {
        pieces: tree(PiecewiseLinear<L, BINS, E>, "pieces"),
        stem: tree(S),
    }
}

impl<S, const L: usize, const BINS: usize, const E: usize> Piecewise<S, L, BINS, E> {
    /// The values of a row, at the front of scratch, and the rest of it.
    fn values<'a, T: Tensor>(&self, row: &[[f32; 1]; L], scratch: &'a mut [f32]) -> (&'a mut T, &'a mut [f32]) {
        let (values, scratch) = split_array::<T>(scratch);
        self.pieces.forward(row.as_flattened(), values.flat_mut());
        (values, scratch)
    }
}

#[allow(private_bounds, reason = "the stems that can stand behind another part are those of this module")]
impl<const N: usize, const C: usize, const L: usize, const BINS: usize, const E: usize, S> Stem<N, C>
    for Piecewise<S, L, BINS, E>
where
    S: InnerStem<N, C>,
    S::Input: Tensor,
{
    type Input = [[f32; 1]; L];
    const PATCHWISE: bool = S::PATCHWISE;
    const COST: Cost = {
        assert!(
            S::Input::LEN == L * E,
            "the stem behind takes other than L E values: write DenseStem<{{ L * E }}, ..> or PatchEmbedding<L, E, ..>"
        );
        let inner = S::COST;
        Cost {
            max_grad: Self::TRAINABLE,
            macs: inner.macs + L * BINS * E,
            train_macs: inner.train_macs + S::INPUT_MACS + 3 * L * BINS * E,
            ..inner.plus_scratch(L * E)
        }
    };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Reshape { tokens: L, channels: 1 },
        Graph::Named("pieces", &Graph::PiecewiseLinear),
        S::GRAPH,
    ]);

    fn infer(&self, input: &Self::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let (values, scratch) = self.values(input, scratch);
        self.stem.infer(values, x, scratch);
    }

    fn forward(&self, input: &Self::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (values, scratch) = self.values(input, scratch);
        self.stem.forward(values, x, saved, scratch, pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (dpieces, grad) = split_at(grad, PiecewiseLinear::<L, BINS, E>::TRAINABLE);
        let (values, scratch) = self.values::<S::Input>(input, scratch);
        self.stem.backward(grad, values, dx, saved, scratch, pass);
        self.stem.input_gradient(dx, values, scratch);
        PiecewiseLinear::<L, BINS, E>::add_gradient(dpieces, input.as_flattened(), values.flat());
    }
}
