//! A quantile of a stream.

use crate::core::archive::Archive;

/// An estimate of one quantile of all values so far in 48 bytes, without keeping any: the P-square algorithm (Jain and Chlamtac 1985).
///
/// Five markers stand at the least value, the largest, the quantile and half way on both sides; each value moves them by at most one
/// place, along a parabola through their neighbours. Exact for up to five values. It is made for continuous values; of few different ones
/// it gives something between them.
///
/// ```
/// use trainlet::metrics::PSquare;
///
/// let mut most = PSquare::new(0.9);
/// (0..1000).for_each(|number| most.push((number * 617 % 1009) as f32));
/// assert!(most.value().is_some_and(|value| (value - 908.0).abs() < 10.0));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PSquare {
    share: f32,
    count: u32,
    markers: [Marker; MARKERS],
}

const MARKERS: usize = 5;
/// `f32` counts no further one by one.
const MOST: u32 = 1 << 24;

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Marker {
    /// Of the value that it stands for.
    height: f32,
    /// Number of values up to there.
    position: u32,
}

impl PSquare {
    /// The quantile below which `share` of the values lie, between 0 and 1: 0.5 for the median. No values yet.
    pub const fn new(share: f32) -> Self {
        Self { share, count: 0, markers: [Marker { height: 0.0, position: 0 }; MARKERS] }
    }

    /// Shows share, count and markers to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.finite(core::slice::from_mut(&mut self.share));
        archive.count(&mut self.count);
        for Marker { height, position } in &mut self.markers {
            archive.finite(core::slice::from_mut(height));
            archive.count(position);
        }
    }

    /// Takes a value into account. One that is not finite is left out, and so is every one after the first 16,777,216.
    pub fn push(&mut self, value: f32) {
        if !value.is_finite() || self.count == MOST {
            return;
        }
        self.count += 1;
        if self.count as usize <= MARKERS {
            self.insert(value);
        } else {
            self.widen(value);
            self.adjust();
        }
    }

    /// Number of values so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The quantile, `None` of no values.
    pub fn value(&self) -> Option<f32> {
        let last = (self.count as usize).min(MARKERS).checked_sub(1)?;
        let middle = if last + 1 < MARKERS || self.count as usize == MARKERS {
            // They are the values themselves: the nearest of them.
            (self.share * last as f32 + 0.5) as usize
        } else {
            MARKERS / 2
        };
        self.markers.get(middle.min(last)).map(|marker| marker.height)
    }

    /// Puts one of the first values in its place among the others.
    fn insert(&mut self, mut value: f32) {
        for (marker, position) in self.markers.iter_mut().zip(1..=self.count) {
            if position == self.count || value < marker.height {
                core::mem::swap(&mut value, &mut marker.height);
            }
            marker.position = position;
        }
    }

    /// Counts a value below all markers above it; the outermost are at least as far out as it is.
    fn widen(&mut self, value: f32) {
        let [least, .., largest] = &mut self.markers;
        least.height = least.height.min(value);
        largest.height = largest.height.max(value);
        largest.position += 1;
        let [_, inner @ .., _] = &mut self.markers;
        inner.iter_mut().filter(|marker| value < marker.height).for_each(|marker| marker.position += 1);
    }

    /// Moves each inner marker by one place, if it is one or more away from where it should be.
    fn adjust(&mut self) {
        let shares = [self.share / 2.0, self.share, (1.0 + self.share) / 2.0];
        for (first, share) in shares.into_iter().enumerate() {
            let wanted = 1.0 + (self.count - 1) as f32 * share;
            if let Some([left, marker, right]) = self.markers.get_mut(first..first + 3) {
                marker.adjust(*left, *right, wanted);
            }
        }
    }
}

impl Marker {
    fn adjust(&mut self, left: Self, right: Self, wanted: f32) {
        let (before, after) = (self.position - left.position, right.position - self.position);
        let away = wanted - self.position as f32;
        let (up, down) = (away >= 1.0 && after > 1, away <= -1.0 && before > 1);
        if !up && !down {
            return;
        }
        let (before, after, step) = (before as f32, after as f32, if up { 1.0 } else { -1.0 });
        let [slope_before, slope_after] = [(self.height - left.height) / before, (right.height - self.height) / after];
        let bend = (before + step) * slope_after + (after - step) * slope_before;
        let parabolic = self.height + step / (before + after) * bend;
        self.height = if left.height < parabolic && parabolic < right.height {
            parabolic
        } else if up {
            self.height + slope_after
        } else {
            self.height - slope_before
        };
        self.position = if up { self.position + 1 } else { self.position - 1 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    fn of(share: f32, values: impl IntoIterator<Item = f32>) -> PSquare {
        let mut quantile = PSquare::new(share);
        values.into_iter().for_each(|value| quantile.push(value));
        quantile
    }

    /// The worked example of the paper: heights and positions of all markers, to the two decimals that it prints.
    #[test]
    fn the_example_of_jain_and_chlamtac() {
        let values = [
            0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.60, 10.28, 1.47, 0.40, 0.05, 11.39,
            0.27, 0.42, 0.09, 11.37,
        ];
        for (count, heights, positions) in [
            (5, [0.02, 0.15, 0.74, 0.83, 3.39], [1, 2, 3, 4, 5]),
            (6, [0.02, 0.15, 0.74, 0.83, 22.37], [1, 2, 3, 4, 6]),
            (7, [0.02, 0.15, 0.74, 4.47, 22.37], [1, 2, 3, 5, 7]),
            (8, [0.02, 0.15, 2.18, 8.59, 22.37], [1, 2, 4, 6, 8]),
            (9, [0.02, 0.87, 4.75, 15.52, 38.62], [1, 3, 5, 7, 9]),
            (13, [0.02, 2.13, 9.27, 21.57, 38.62], [1, 4, 7, 10, 13]),
            (15, [0.02, 0.73, 6.30, 21.57, 38.62], [1, 5, 8, 12, 15]),
            (20, [0.02, 0.49, 4.44, 17.20, 38.62], [1, 6, 10, 16, 20]),
        ] {
            let quantile = of(0.5, values[..count].iter().copied());
            assert_eq!(quantile.markers.map(|marker| marker.position), positions, "after {count}");
            for (marker, height) in quantile.markers.iter().zip(heights) {
                assert!((marker.height - height).abs() < 0.0051, "after {count}: {:?}", quantile.markers);
            }
        }
    }

    /// Of river 0.26.1, `stats.Quantile`, on the same values.
    #[test]
    fn estimates_are_those_of_river() {
        let values = |count: u32| (0..count).map(|i| (i * 617 % 1009) as f32 / 1009.0).map(|u| u * u * u);
        for (share, expected) in [
            (0.5, [0.090_681_17, 0.124_899_52, 0.125_282_8]),
            (0.75, [0.382_556_55, 0.401_933_75, 0.426_190_09]),
            (0.984375, [0.568_221, 0.893_998, 0.949_566_67]),
        ] {
            for (count, expected) in [20, 100, 1000].into_iter().zip(expected) {
                let value = of(share, values(count)).value().unwrap();
                assert!((value - expected).abs() < 2e-6, "{share} of {count}: {value} instead of {expected}");
            }
        }
    }

    #[test]
    fn few_values_are_known_exactly() {
        assert_eq!(of(0.5, []).value(), None);
        assert_eq!(of(0.5, [3.0]).value(), Some(3.0));
        assert_eq!(of(0.9, [3.0, -1.0]).value(), Some(3.0));
        assert_eq!(of(0.25, [5.0, 4.0, 3.0, 2.0, 1.0]).value(), Some(2.0));
        assert_eq!(of(0.98, [f32::NAN, 1.0, f32::INFINITY]).value(), Some(1.0));
    }

    /// Markers stay in order and at whole places of their own, and the share of the values below is the one that is asked for.
    #[test]
    fn markers_stay_in_order_and_close_to_their_quantile() {
        for (number, share) in [0.02, 0.1, 0.5, 0.77, 0.98].into_iter().enumerate() {
            let mut random = Key::new(11, Purpose::Order).child(number as u64).stream();
            let mut quantile = PSquare::new(share);
            let mut values = Vec::new();
            for _ in 0..4003 {
                let (u, v) = (random.uniform(), random.uniform());
                let value = if v < 0.2 { 100.0 * u } else { u - 0.5 };
                quantile.push(value);
                values.push(value);
                let markers = quantile.markers;
                let filled = &markers[..values.len().min(MARKERS)];
                assert!(filled.is_sorted_by(|a, b| a.height <= b.height && a.position < b.position), "{markers:?}");
            }
            values.sort_by(f32::total_cmp);
            let below = values.partition_point(|value| *value < quantile.value().unwrap()) as f32 / 4003.0;
            assert!((below - share).abs() < 0.03, "{share}: {below}");
            assert_eq!((quantile.markers[0].height, quantile.markers[4].height), (values[0], values[4002]));
        }
    }

    #[test]
    fn equal_values_are_their_own_quantile() {
        assert_eq!(of(0.9, [0.25; 100]).value(), Some(0.25));
    }
}
