//! What a window is like as a whole, before another stem.

use super::Stem;
use crate::core::layout::split_array;
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::kernels::statistics;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// The stem `S`, which sees six statistics for each of the `F` features of a window of `L` positions instead of the window: mean, standard
/// deviation, least and greatest value, mean absolute difference of neighbours, and the rise of the least-squares line from the first
/// position to the last, `[feature][statistic]`.
///
/// How strongly a signal varies, and how fast, is a matter of all positions and of no pattern, which patches and convolutions have to
/// learn from many windows. With `DenseStem<{ 6 * F }, ..>` it makes a perceptron whose size does not depend on `L`, with
/// `PatchEmbedding<F, 6, 1, C>` a token for each feature.
///
/// Features are to have about mean 0 and deviation 1, one scale for all positions, as `host-sim` standardises windows: then the
/// statistics have the scale of inputs too. They are kept for the backward pass; a window that overflows a sum has none that are finite.
///
/// ```
/// use trainlet::core::params::Params;
/// use trainlet::nn::head::DenseHead;
/// use trainlet::nn::net::{Model, Net};
/// use trainlet::nn::stem::{DenseStem, Statistics};
///
/// /// 128 positions of 3 features, 7 classes.
/// type Motion = Net<1, 16, Statistics<DenseStem<18, 32, 16>, 128, 3>, (), DenseHead<16, 7>>;
/// assert_eq!(Motion::COUNT, 19 * 32 + 33 * 16 + 17 * 7);
/// assert!(Motion::ACTIVATIONS < 128 * 3);
/// ```
pub struct Statistics<S, const L: usize, const F: usize> {
    /// The stem.
    pub stem: S,
}

crate::params! {
    [S: Params, const L: usize, const F: usize] Statistics<S, L, F> {
        stem: tree(S),
    }
}

/// The statistics of a window, at the front of a buffer, and the rest of it.
fn summarised<'a, T: Tensor, const L: usize, const F: usize>(
    window: &[[f32; F]; L],
    buffer: &'a mut [f32],
) -> (&'a T, &'a mut [f32]) {
    let (values, rest) = split_array::<T>(buffer);
    statistics::summarise(values.flat_mut(), window.as_flattened(), [L, F]);
    (values, rest)
}

impl<const N: usize, const C: usize, const L: usize, const F: usize, S> Stem<N, C> for Statistics<S, L, F>
where
    S: Stem<N, C>,
    S::Input: Tensor,
{
    type Input = [[f32; F]; L];
    const COST: Cost = {
        const PER_VALUE: usize = 2;
        let values = statistics::COUNT * F;
        assert!(L > 0, "a window needs a position: write 1 or more for L");
        assert!(
            S::Input::LEN == values,
            "the stem behind takes other than 6 F values: write DenseStem<{{ 6 * F }}, ..> or PatchEmbedding<F, 6, ..>"
        );
        let inner = S::COST;
        // The squares and the moment of the line.
        let macs = PER_VALUE * L * F;
        Cost {
            infer_scratch: inner.infer_scratch + values,
            macs: inner.macs + macs,
            train_macs: inner.train_macs + macs,
            ..inner.plus_saved(values)
        }
    };
    const GRAPH: Graph = Graph::Sequence(&[Graph::Reshape { tokens: L, channels: F }, Graph::Statistics, S::GRAPH]);

    fn infer(&self, input: &Self::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let (values, scratch) = summarised(input, scratch);
        self.stem.infer(values, x, scratch);
    }

    fn forward(&self, input: &Self::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (values, saved) = summarised(input, saved);
        self.stem.forward(values, x, saved, scratch, pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        _: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (values, saved) = split_array(saved);
        self.stem.backward(grad, values, dx, saved, scratch, pass);
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        _: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (values, saved) = split_array(saved);
        self.stem.backward_update(update, values, dx, saved, scratch, pass);
    }
}
