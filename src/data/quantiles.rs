//! Features by their rank: what is spread unevenly becomes even.

use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};
use crate::kernels::pieces::REACH;

/// Maps each of `F` features to where it stands among `EDGES` of its quantiles, evenly from -√3, the least of the training data, to √3,
/// the largest: mean 0 and deviation 1 where no two values are equal. Between two quantiles it is linear; outside of all, it is that
/// of the nearest. A value that is several quantiles at once, as the 0 of a column that is mostly 0, has the middle of them.
///
/// Bins of [`Piecewise`](crate::nn::stem::Piecewise) then hold as many samples each. Nothing of it changes on a board: a `const` of
/// it takes flash alone.
///
/// ```
/// use trainlet::data::{Edges, Quantiles};
///
/// const SENSOR: Quantiles<2, 3> = Quantiles { features: [Edges([0.0, 1.0, 100.0]), Edges([-5.0, 0.0, 5.0])] };
/// let mut row = [1.0, 2.5];
/// SENSOR.apply(&mut row);
/// assert!(row[0] == 0.0 && (row[1] - 3.0_f32.sqrt() / 2.0).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quantiles<const F: usize, const EDGES: usize> {
    /// Of each feature.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub features: [Edges<EDGES>; F],
}

/// Quantiles of one feature, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Edges<const EDGES: usize>(
    /// From the least to the largest value; none is below the one before.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub [f32; EDGES],
);

impl<const F: usize, const EDGES: usize> Quantiles<F, EDGES> {
    /// Maps one row in place.
    pub fn apply(&self, row: &mut [f32; F]) {
        for (x, Edges(edges)) in row.iter_mut().zip(&self.features) {
            *x = among_quantiles(*x, edges);
        }
    }
}

impl<const F: usize, const EDGES: usize> Settings for Quantiles<F, EDGES> {
    fn visit(&mut self, archive: &mut Archive) {
        self.features.iter_mut().for_each(|Edges(edges)| archive.settings(Setting::Edge, edges));
    }
}

impl<const EDGES: usize> Edges<EDGES> {
    /// Of training data in ascending order, as [`quantiles`] has them.
    pub fn of_sorted(values: &[f32]) -> Self {
        const { assert!(EDGES > 1, "two quantiles are the least and the largest value: write 2 or more for EDGES") };
        let mut edges = [0.0; EDGES];
        quantiles(values, &mut edges);
        Self(edges)
    }
}

/// Writes the quantiles of `sorted`, finite values in ascending order: the least first, the largest last, the others evenly between them
/// by rank, and linear between two values. Without values nothing is written.
pub fn quantiles(sorted: &[f32], edges: &mut [f32]) {
    let (last_value, last_edge) = (sorted.len().saturating_sub(1) as u64, edges.len().saturating_sub(1).max(1) as u64);
    for (edge, place) in edges.iter_mut().zip(0u64..) {
        // In whole numbers: `u64` holds what 4 Gi values give.
        let rank = place * last_value;
        let (below, part) = (rank / last_edge, (rank % last_edge) as f32 / last_edge as f32);
        let Some(low) = sorted.get(below as usize) else { return };
        let high = sorted.get(below as usize + 1).unwrap_or(low);
        // Between the two, whatever their signs and sizes are.
        *edge = if part == 0.0 { *low } else { between(*low, *high, part) };
    }
}

/// Part of the way, and not beyond either end by rounding. (`f32::clamp` panics where values are in no order.)
fn between(low: f32, high: f32, part: f32) -> f32 {
    let value = low * (1.0 - part) + high * part;
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

/// Where `x` stands among ascending `edges`, of which there are two or more: see [`Quantiles`]. NaN stays NaN.
pub fn among_quantiles(x: f32, edges: &[f32]) -> f32 {
    if x.is_nan() {
        return x;
    }
    let below = edges.partition_point(|edge| *edge < x);
    let up_to = edges.partition_point(|edge| *edge <= x);
    let last = edges.len().saturating_sub(1) as f32;
    let place = if up_to > below {
        (below + up_to - 1) as f32 / 2.0
    } else {
        match (below.checked_sub(1).and_then(|low| edges.get(low)), edges.get(below)) {
            (None, _) => 0.0,
            (_, None) => last,
            (Some(low), Some(high)) => (below - 1) as f32 + share(x, *low, *high),
        }
    };
    (place / last * 2.0 - 1.0) * REACH
}

/// How far `x` is from `low` to `high`, which it lies between.
fn share(x: f32, low: f32, high: f32) -> f32 {
    // The difference of halves is a number where that of the wholes is too large for one.
    let half = if (high - low).is_finite() { 1.0 } else { 0.5 };
    (x * half - low * half) / (high * half - low * half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_no_order_are_no_panic() {
        for values in [[3.0, 1.0, 2.0], [f32::NAN, 1.0, f32::NAN], [1.0, f32::INFINITY, f32::NEG_INFINITY]] {
            let Edges(edges) = Edges::<5>::of_sorted(&values);
            assert!(edges[0].to_bits() == values[0].to_bits() && edges[4].to_bits() == values[2].to_bits());
        }
    }
    use std::vec::Vec;

    fn near(got: f32, expected: f32) {
        assert!((got - expected * REACH).abs() < 2e-6, "{got} instead of {expected} of the reach");
    }

    /// The quantiles of numpy, `numpy.quantile(x, [0, 0.25, 0.5, 0.75, 1])`.
    #[test]
    fn quantiles_are_those_of_numpy() {
        assert_eq!(Edges::<5>::of_sorted(&[-1.0, 0.0, 2.0, 5.0, 7.0, 100.0]).0, [-1.0, 0.5, 3.5, 6.5, 100.0]);
        assert_eq!(Edges::<5>::of_sorted(&[3.0, 5.0]).0, [3.0, 3.5, 4.0, 4.5, 5.0]);
        assert_eq!(Edges::<3>::of_sorted(&[4.0]).0, [4.0; 3]);
        assert_eq!(Edges::<3>::of_sorted(&[]).0, [0.0; 3]);
        assert_eq!(Edges::<3>::of_sorted(&[f32::MIN, f32::MAX]).0, [f32::MIN, 0.0, f32::MAX]);
    }

    #[test]
    fn values_are_spread_evenly_and_outliers_stay_within() {
        let edges = [0.0, 1.0, 10.0, 1000.0, 1e6];
        for (x, expected) in
            [(0.0, -1.0), (0.5, -0.75), (1.0, -0.5), (505.0, 0.25), (1e6, 1.0), (1e9, 1.0), (-7.0, -1.0)]
        {
            near(among_quantiles(x, &edges), expected);
        }
        near(among_quantiles(f32::INFINITY, &edges), 1.0);
        assert!(among_quantiles(f32::NAN, &edges).is_nan());
    }

    #[test]
    fn equal_quantiles_are_the_middle_of_their_ranks() {
        let edges = [0.0, 0.0, 0.0, 1.0, 3.0];
        for (x, expected) in [(0.0, -0.5), (1e-30, 0.0), (1.0, 0.5), (-1.0, -1.0)] {
            near(among_quantiles(x, &edges), expected);
        }
        near(among_quantiles(4.0, &[4.0; 5]), 0.0);
    }

    #[test]
    fn spread_values_have_mean_0_and_deviation_1_and_keep_their_order() {
        let values: Vec<f32> = (0..1001).map(|i| (i as f32 * 0.02).exp()).collect();
        let Edges(edges) = Edges::<65>::of_sorted(&values);
        let mapped: Vec<f32> = values.iter().map(|x| among_quantiles(*x, &edges)).collect();
        let mean = mapped.iter().sum::<f32>() / 1001.0;
        let variance = mapped.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 1001.0;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        assert!(mapped.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn no_size_is_too_small_or_too_large() {
        near(among_quantiles(0.0, &[f32::MIN, f32::MAX]), 0.0);
        near(among_quantiles(f32::from_bits(1), &[0.0, f32::from_bits(2)]), 0.0);
    }
}
