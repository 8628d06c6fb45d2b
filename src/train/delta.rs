//! What a device gives away of what it has learnt: its delta, limited and with noise.

use crate::core::params::Params;
use crate::core::rng::{Key, Stream};
use crate::core::setting::{OutOfRange, Setting};
use crate::core::sum::Sum;
use crate::optim::{Anchor, clip_scale};

/// Shortens the difference between trained weights and those of the start, the delta, to a length, and adds noise to each of its
/// values, before the weights leave a device: clipping and noise of federated averaging (McMahan et al. 2018,
/// [arXiv 1710.06963](https://arxiv.org/abs/1710.06963)), done by the device itself.
///
/// All weights are [measured](Self::measure) first, then [limited](Self::limit), in the same order. Into which pieces they are cut
/// makes no difference to any bit. [`limit_delta`] does both for a whole tree.
///
/// The noise hides something only from those who do not know its key: draw the key's seed on the device. It is a sum of twelve
/// uniform numbers ([`Stream::normal`]), never beyond 6 deviations, for which no bound of differential privacy is proven here.
pub struct Delta {
    clip: f32,
    noise: f32,
    squares: Sum,
    stream: Stream,
}

impl Delta {
    /// Largest L2 norm of a delta, and the deviation of the noise on each of its values as a share of that norm; 0 for no noise.
    ///
    /// # Errors
    /// A norm that is not positive, a negative share, or one of them not finite.
    pub fn new(clip: f32, noise: f32, key: Key) -> Result<Self, OutOfRange> {
        Setting::Clip.check(clip)?;
        Setting::Noise.check(noise)?;
        Ok(Self { clip, noise, squares: Sum::ZERO, stream: key.stream() })
    }

    /// Takes the next weights into account, which began at `start`.
    pub fn measure(&mut self, weights: &[f32], start: &[f32]) {
        for (weight, start) in weights.iter().zip(start) {
            self.squares.add((weight - start) * (weight - start));
        }
    }

    /// The L2 norm of all that was measured; not finite if a weight is not, or beyond 1.8e19.
    pub fn norm(&self) -> f32 {
        crate::kernels::arch::sqrt(self.squares.value())
    }

    /// Changes the next weights to `start` + shortened delta + noise. A delta that is short enough stays as it is, to the bit, where
    /// there is no noise; one whose norm is not finite is dropped.
    pub fn limit(&mut self, weights: &mut [f32], start: &[f32]) {
        let (norm, deviation) = (self.norm(), self.noise * self.clip);
        let scale = clip_scale(norm, self.clip);
        if norm.is_finite() && scale >= 1.0 && deviation == 0.0 {
            return;
        }
        for (weight, start) in weights.iter_mut().zip(start) {
            let kept = if norm.is_finite() { scale * (*weight - start) } else { 0.0 };
            let noise = if deviation > 0.0 { deviation * self.stream.normal() } else { 0.0 };
            *weight = start + (kept + noise);
        }
    }
}

/// [Limits](Delta) what a model has learnt since it was as `anchor` holds it, such as the model of a server that lies in flash
/// ([`Stored`](crate::optim::Stored)). Gives the norm that the delta had. Weights that are not trained stay as they are.
pub fn limit_delta<M: Params, A: Anchor>(model: &mut M, anchor: &mut A, mut delta: Delta) -> f32 {
    anchor.begin();
    model.walk_trained(&mut |leaf, weights, first| {
        anchor.compare(leaf, weights, first, false, &mut |_, weights, start| delta.measure(weights, start));
    });
    anchor.begin();
    model.walk_trained(&mut |leaf, weights, first| {
        anchor.compare(leaf, weights, first, false, &mut |_, weights, start| delta.limit(weights, start));
    });
    delta.norm()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::checksum::crc32_of;
    use crate::core::rng::Purpose;
    use crate::nn::block::{Frozen, FrozenFirst};
    use crate::nn::layer::Linear;
    use crate::optim::{Redrawn, Seed};
    use std::vec::Vec;

    const KEY: Key = Key::new(5, Purpose::Delta);

    /// `weights` after all of it in pieces of `piece` values.
    fn limited(weights: &[f32], start: &[f32], config: (f32, f32), piece: usize) -> Vec<f32> {
        let (mut delta, mut weights) = (Delta::new(config.0, config.1, KEY).unwrap(), weights.to_vec());
        for (weights, start) in weights.chunks(piece).zip(start.chunks(piece)) {
            delta.measure(weights, start);
        }
        for (weights, start) in weights.chunks_mut(piece).zip(start.chunks(piece)) {
            delta.limit(weights, start);
        }
        weights
    }

    #[test]
    fn a_long_delta_is_shortened_and_a_short_one_stays() {
        let (weights, start) = ([4.0, 6.0, 13.0], [1.0, 2.0, 1.0]);
        for (got, expected) in limited(&weights, &start, (1.3, 0.0), 3).iter().zip([1.3, 2.4, 2.2]) {
            assert!((got - expected).abs() < 1e-6, "{got} {expected}");
        }
        // The sums of which would be rounded.
        let (weights, start) = ([0.3, -1e-9, 7.7], [0.1, 1e9, 7.0]);
        assert_eq!(limited(&weights, &start, (1e10, 0.0), 3), weights);
    }

    #[test]
    fn noise_has_its_deviation_and_pieces_make_no_difference() {
        const N: usize = 20_011;
        let start: Vec<f32> = (0..N).map(|i| libm::sinf(i as f32)).collect();
        let weights: Vec<f32> = start.iter().map(|value| value + 0.5).collect();
        let whole = limited(&weights, &start, (2.0, 0.25), N);
        for piece in [1, 7, 32, 512] {
            assert_eq!(crc32_of(&limited(&weights, &start, (2.0, 0.25), piece)), crc32_of(&whole), "{piece}");
        }
        let kept = 2.0 / f64::sqrt(N as f64);
        let noise = whole.iter().zip(&start).map(|(weight, start)| f64::from(weight - start) - kept);
        let (sum, squares) = noise.fold((0.0, 0.0), |(sum, squares), noise| (sum + noise, squares + noise * noise));
        let (mean, deviation) = (sum / N as f64, f64::sqrt(squares / N as f64));
        assert!(
            mean.abs() < 4.0 * 0.5 / f64::sqrt(N as f64) && (deviation / 0.5 - 1.0).abs() < 0.02,
            "{mean} {deviation}"
        );
    }

    #[test]
    fn a_delta_that_is_not_finite_is_dropped() {
        for bad in [f32::NAN, f32::INFINITY, 1e30] {
            assert_eq!(limited(&[bad, 3.0], &[1.0, 2.0], (1.0, 0.0), 1), [1.0, 2.0]);
        }
        for (clip, noise) in [(0.0, 0.0), (-1.0, 0.0), (f32::NAN, 0.0), (1.0, -0.1), (1.0, f32::INFINITY)] {
            assert!(Delta::new(clip, noise, KEY).is_err(), "{clip} {noise}");
        }
    }

    #[test]
    fn a_tree_is_limited_as_its_trained_values_are() {
        type Tree = (Linear<9, 7>, Frozen<Linear<2, 3>>, FrozenFirst<Frozen<[Linear<4, 2>; 1]>, [Linear<5, 8>; 2]>);
        let mut tree = Tree::ZERO;
        tree.init(Key::new(3, Purpose::Init));
        let (mut start, mut moved, mut frozen) = (Vec::new(), Vec::new(), Vec::new());
        tree.walk(&mut |leaf, values| {
            if leaf.trained {
                start.extend_from_slice(values);
                values.iter_mut().for_each(|value| *value += 0.1);
                moved.extend_from_slice(values);
            } else {
                frozen.extend_from_slice(values);
            }
        });
        let mut anchor = Redrawn::<Tree>::ZERO;
        anchor.init(Seed(3));
        let norm = limit_delta(&mut tree, &mut anchor, Delta::new(0.5, 0.1, KEY).unwrap());
        assert!((norm / (0.1 * f32::sqrt(start.len() as f32)) - 1.0).abs() < 1e-5, "{norm}");
        let (mut trained, mut rest) = (Vec::new(), Vec::new());
        tree.read(&mut |leaf, values| if leaf.trained { &mut trained } else { &mut rest }.extend_from_slice(values));
        assert_eq!(trained, limited(&moved, &start, (0.5, 0.1), 11));
        assert_eq!(rest, frozen);
    }
}
