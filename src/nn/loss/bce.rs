//! Binary cross-entropy on logits.

use super::classes::sigmoid;
use super::{InvalidTarget, Loss, LossOptions, NoSuchOption, Supervised, Task};
use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};

/// Binary cross-entropy of `K` independent logits, the mean over them; PyTorch's `BCEWithLogitsLoss`:
/// `weight [(1 - t) z + (1 + (pos_weight - 1) t) softplus(-z)]`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BceWithLogits<const K: usize> {
    /// `[outputs]` weight of the positive class, typically negatives / positives; above 0.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub pos_weight: [f32; K],
    /// `[outputs]` weight of each output, at least 0.
    #[cfg_attr(feature = "serde", serde(with = "serde_big_array::BigArray"))]
    pub weight: [f32; K],
}

impl<const K: usize> BceWithLogits<K> {
    /// All weights 1.
    pub const fn new() -> Self {
        Self { pos_weight: [1.0; K], weight: [1.0; K] }
    }
}

impl<const K: usize> Default for BceWithLogits<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const K: usize> Settings for BceWithLogits<K> {
    fn visit(&mut self, archive: &mut Archive) {
        archive.settings(Setting::PosWeight, &mut self.pos_weight);
        archive.settings(Setting::OutputWeight, &mut self.weight);
    }
}

impl<const K: usize> Loss<[f32; K]> for BceWithLogits<K> {
    /// `[outputs]` probabilities in `[0, 1]`
    type Target = [f32; K];
    const ZERO: Self = Self { pos_weight: [0.0; K], weight: [0.0; K] };

    fn evaluate(&self, output: &[f32; K], target: &[f32; K], gradient: &mut [f32; K]) -> Result<f32, InvalidTarget> {
        const { assert!(K > 0, "a loss needs an output: write 1 or more for K") };
        let share = 1.0 / K as f32;
        let weights = self.pos_weight.iter().zip(&self.weight);
        let mut loss = 0.0;
        for (((z, t), g), (pos_weight, weight)) in output.iter().zip(target).zip(gradient).zip(weights) {
            if !(0.0..=1.0).contains(t) {
                return Err(InvalidTarget);
            }
            let certainty = 1.0 + (pos_weight - 1.0) * t;
            loss += share * weight * ((1.0 - t) * z + certainty * softplus(-z));
            *g = share * weight * (certainty * sigmoid(*z) - pos_weight * t);
        }
        Ok(loss)
    }
}

/// One logit tells two classes apart; class 1 is the positive one.
impl Supervised<[f32; 1]> for BceWithLogits<1> {
    const TASK: Task = Task::Classify { classes: 2 };

    fn target(label: impl IntoIterator<Item = f32>) -> [f32; 1] {
        [label.into_iter().next().unwrap_or(f32::NAN)]
    }

    fn with_options(self, LossOptions { label_smoothing, pos_weight }: LossOptions) -> Result<Self, NoSuchOption> {
        match label_smoothing {
            Some(_) => Err(NoSuchOption::LabelSmoothing),
            None => Ok(Self { pos_weight: pos_weight.map_or(self.pos_weight, |weight| [weight]), ..self }),
        }
    }
}

/// ln(1 + e^x), without overflow.
fn softplus(x: f32) -> f32 {
    x.max(0.0) + libm::log1pf(libm::expf(-x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::loss::CrossEntropy;

    #[test]
    fn values_and_slopes_are_the_reference_ones() {
        for (z, t, pos_weight, loss, slope) in [
            (0.0, 1.0, 1.0, core::f32::consts::LN_2, -0.5),
            (2.0, 1.0, 1.0, 0.126_928_01, -0.119_202_92),
            (2.0, 0.0, 1.0, 2.126_928, 0.880_797_1),
            (-3.0, 1.0, 2.5, 7.621_468_4, -2.381_435_3),
            (100.0, 0.0, 1.0, 100.0, 1.0),
            (-100.0, 1.0, 1.0, 100.0, -1.0),
        ] {
            let criterion = BceWithLogits { pos_weight: [pos_weight], weight: [1.0] };
            let mut gradient = [0.0];
            let value = criterion.evaluate(&[z], &[t], &mut gradient).unwrap();
            assert!((value - loss).abs() <= 2e-7 * loss.max(1.0), "{z} {t}: {value}");
            assert!((gradient[0] - slope).abs() <= 3e-7, "{z} {t}: {}", gradient[0]);
        }
    }

    #[test]
    fn several_outputs_are_averaged_and_weighted() {
        let criterion = BceWithLogits { pos_weight: [1.0; 2], weight: [1.0, 3.0] };
        let mut gradient = [0.0; 2];
        let value = criterion.evaluate(&[0.0, 0.0], &[1.0, 0.0], &mut gradient).unwrap();
        assert!((value - 2.0 * core::f32::consts::LN_2).abs() < 1e-6);
        assert_eq!(gradient, [-0.25, 0.75]);
    }

    #[test]
    fn one_logit_is_a_cross_entropy_of_two() {
        for z in [-4.0, -0.3, 0.0, 2.5] {
            let (mut one, mut two) = ([0.0], [0.0; 2]);
            let bce = BceWithLogits::new().evaluate(&[z], &[1.0], &mut one).unwrap();
            let ce = CrossEntropy::new().evaluate(&[0.0, z], &1, &mut two).unwrap();
            assert!((bce - ce).abs() < 1e-6 && (one[0] - two[1]).abs() < 1e-6);
        }
    }

    #[test]
    fn a_target_that_is_no_probability_is_refused() {
        for t in [-0.1, 1.1, f32::NAN] {
            assert_eq!(BceWithLogits::new().evaluate(&[0.0], &[t], &mut [0.0]), Err(InvalidTarget));
        }
    }
}
