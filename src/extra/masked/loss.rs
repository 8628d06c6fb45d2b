//! The loss of a reconstruction.

use super::Mask;
use crate::core::setting::Settings;
use crate::nn::loss::{InvalidTarget, Loss};

/// The mean over the hidden patches of their mean squared error. `prediction` has `patch` values for each token and
/// becomes the derivative of the loss; values of a last patch beyond the sample's end do not count.
pub fn reconstruction_loss<const N: usize, const V: usize>(
    prediction: &mut [f32],
    target: &[f32],
    patch: usize,
    mask: &Mask<N, V>,
) -> f32 {
    let mut loss = 0.0;
    let mut targets = target.chunks(patch.max(1));
    for (prediction, hidden) in prediction.chunks_exact_mut(patch.max(1)).zip(mask.hidden()) {
        let target = if hidden { targets.next() } else { targets.next().and_then(|patch| patch.get(..0)) };
        let target = target.unwrap_or_default();
        let share = 1.0 / ((N - V) * target.len().max(1)) as f32;
        let mut target = target.iter();
        for y in prediction {
            let difference = target.next().map_or(0.0, |t| *y - t);
            loss += share * (difference * difference);
            *y = 2.0 * share * difference;
        }
    }
    loss
}

/// The loss that a [`MaskedNet`](super::MaskedNet) gives as its output. Needs no target: that is the sample itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconstruction;

impl Settings for Reconstruction {}

impl Loss<[f32; 1]> for Reconstruction {
    type Target = ();
    const ZERO: Self = Self;

    fn evaluate(&self, output: &[f32; 1], (): &(), gradient: &mut [f32; 1]) -> Result<f32, InvalidTarget> {
        *gradient = [1.0];
        let [loss] = *output;
        Ok(loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture<const L: usize>(s: f64) -> [f32; L] {
        core::array::from_fn(|i| libm::sin(0.9 * (i + 1) as f64 + s) as f32)
    }

    #[test]
    fn the_numbers_of_the_reference() {
        let mask = Mask::<6, 2>::from_shuffle([4, 1, 3, 5, 0, 2]);
        let mut prediction = fixture::<12>(0.2);
        let loss = reconstruction_loss(&mut prediction, &fixture::<12>(0.9), 2, &mask);
        assert!((loss - 0.154_219_42).abs() < 1e-7, "{loss}");
        assert!((prediction[0] + 0.020_660_07).abs() < 1e-7 && (prediction[1] - 0.120_479_39).abs() < 1e-7);
        assert_eq!([prediction[2], prediction[3], prediction[8], prediction[9]], [0.0; 4], "visible patches");
    }

    #[test]
    fn a_patch_beyond_the_end_counts_where_there_is_something() {
        let mask = Mask::<3, 1>::from_shuffle([0, 1, 2]);
        let mut prediction = [9.0, 9.0, 3.0, 3.0, 5.0, 7.0];
        let loss = reconstruction_loss(&mut prediction, &[0.0, 0.0, 1.0, 2.0, 1.0], 2, &mask);
        assert_eq!(loss, (0.5 * (4.0 + 1.0) + 16.0) / 2.0);
        assert_eq!(prediction, [0.0, 0.0, 1.0, 0.5, 4.0, 0.0]);
    }
}
