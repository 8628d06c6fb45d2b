//! Cross-entropy of a softmax.

use super::{Classify, InvalidTarget, Loss, LossOptions, NoSuchOption};
use crate::core::setting::{Check, Checker, Setting};
use crate::kernels::softmax::softmax;

/// Softmax and cross-entropy over `K` classes; PyTorch's `CrossEntropyLoss`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossEntropy {
    /// ε in `[0, 1)`: the target gives 1 - ε to the class and shares ε evenly among all.
    pub label_smoothing: f32,
}

impl CrossEntropy {
    /// Without label smoothing.
    pub const fn new() -> Self {
        Self { label_smoothing: 0.0 }
    }
}

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl Check for CrossEntropy {
    fn show(&self, checker: &mut Checker) {
        checker.take(Setting::LabelSmoothing, self.label_smoothing);
    }
}

impl<const K: usize> Loss<[f32; K]> for CrossEntropy {
    /// The class, below `K`
    type Target = usize;
    const ZERO: Self = Self::new();

    fn evaluate(&self, output: &[f32; K], target: &usize, gradient: &mut [f32; K]) -> Result<f32, InvalidTarget> {
        const { assert!(K > 0, "a loss needs an output: write 1 or more for K") };
        let target = *target;
        if target >= K {
            return Err(InvalidTarget);
        }
        *gradient = *output;
        let (most, sum) = softmax(gradient);
        let log_sum = libm::logf(sum);
        let even = self.label_smoothing / K as f32;
        let mut loss = 0.0;
        for (class, (g, z)) in gradient.iter_mut().zip(output).enumerate() {
            let share = even + if class == target { 1.0 - self.label_smoothing } else { 0.0 };
            if share != 0.0 {
                loss += share * (log_sum - (z - most));
            }
            *g -= share;
        }
        Ok(loss)
    }
}

impl<const K: usize> Classify<[f32; K]> for CrossEntropy {
    const CLASSES: usize = K;

    fn target(class: usize) -> usize {
        class
    }

    /// The first of the largest outputs.
    fn class(output: &[f32; K]) -> usize {
        let mut best = (0, f32::NEG_INFINITY);
        for (class, z) in output.iter().enumerate() {
            if *z > best.1 {
                best = (class, *z);
            }
        }
        best.0
    }

    fn probability(output: &[f32; K], class: usize) -> f32 {
        let mut probabilities = *output;
        softmax(&mut probabilities);
        probabilities.get(class).copied().unwrap_or(0.0)
    }

    /// The output less the logarithm of the sum of the others' exponentials.
    fn logit(output: &[f32; K], class: usize) -> f32 {
        let others = || output.iter().enumerate().filter(|(other, _)| *other != class).map(|(_, z)| *z);
        let most = others().fold(f32::NEG_INFINITY, f32::max);
        let sum = others().fold(0.0, |sum, z| sum + libm::expf(z - most));
        output.get(class).map_or(f32::NEG_INFINITY, |z| z - most - libm::logf(sum))
    }

    fn with_options(self, LossOptions { label_smoothing, pos_weight }: LossOptions) -> Result<Self, NoSuchOption> {
        match pos_weight {
            Some(_) => Err(NoSuchOption::PosWeight),
            None => Ok(Self { label_smoothing: label_smoothing.unwrap_or(self.label_smoothing) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate<const K: usize>(smoothing: f32, z: [f32; K], target: usize) -> (f32, [f32; K]) {
        let mut gradient = [0.0; K];
        let loss = CrossEntropy { label_smoothing: smoothing }.evaluate(&z, &target, &mut gradient).unwrap();
        (loss, gradient)
    }

    #[test]
    fn value_and_gradient_are_the_reference_ones() {
        let (loss, gradient) = evaluate(0.0, [1.0, 2.0, 3.0], 0);
        assert!((loss - 2.407_606).abs() < 1e-6);
        for (g, expected) in gradient.iter().zip([0.090_030_57 - 1.0, 0.244_728_47, 0.665_240_96]) {
            assert!((g - expected).abs() < 1e-7);
        }
    }

    #[test]
    fn a_logit_is_that_of_the_probability() {
        let z = [0.3, -1.2, 2.0, 0.7];
        for class in 0..4 {
            let p = CrossEntropy::probability(&z, class);
            assert!((CrossEntropy::logit(&z, class) - libm::logf(p / (1.0 - p))).abs() < 1e-5, "{class}");
        }
        assert_eq!(CrossEntropy::logit(&[200.0, -300.0], 1), -500.0);
        assert_eq!(CrossEntropy::logit(&z, 4), f32::NEG_INFINITY);
    }

    #[test]
    fn smoothing_mixes_in_the_even_target() {
        let z = [0.3, -1.2, 2.0, 0.7];
        let (loss, gradient) = evaluate(0.1, z, 2);
        let each = [0, 1, 2, 3].map(|class| evaluate(0.0, z, class).0);
        let expected = 0.9 * each[2] + 0.1 * each.iter().sum::<f32>() / 4.0;
        assert!((loss - expected).abs() < 1e-6);
        assert!(gradient.iter().sum::<f32>().abs() < 1e-6);
    }

    #[test]
    fn large_outputs_do_not_overflow() {
        let (loss, gradient) = evaluate(0.0, [1e4, -1e4], 1);
        assert_eq!((loss, gradient), (2e4, [1.0, -1.0]));
    }

    #[test]
    fn a_single_class_costs_nothing_and_an_unknown_one_is_refused() {
        assert_eq!(evaluate(0.0, [3.0], 0), (0.0, [0.0]));
        assert_eq!(CrossEntropy::new().evaluate(&[0.0; 3], &3, &mut [0.0; 3]), Err(InvalidTarget));
    }

    #[test]
    fn probabilities_sum_to_one_and_the_class_is_the_largest() {
        let z = [0.3, -1.2, 2.0];
        let sum: f32 = (0..3).map(|class| CrossEntropy::probability(&z, class)).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        assert_eq!(CrossEntropy::class(&z), 2);
        assert_eq!(CrossEntropy::class(&[f32::NAN; 2]), 0);
    }
}
