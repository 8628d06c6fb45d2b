//! Cross-entropy of a softmax.

use super::{InvalidTarget, Loss, LossOptions, NoSuchOption, Supervised, Task, classes};
use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};
use crate::kernels::softmax::softmax;

/// Softmax and cross-entropy over `K` classes; PyTorch's `CrossEntropyLoss`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

impl CrossEntropy {
    /// Over as many classes as there are outputs; `gradient` is as long as they are.
    #[inline(always)]
    pub(super) fn of_slice(&self, output: &[f32], target: usize, gradient: &mut [f32]) -> Result<f32, InvalidTarget> {
        if target >= output.len() {
            return Err(InvalidTarget);
        }
        gradient.iter_mut().zip(output).for_each(|(g, z)| *g = *z);
        let (most, sum) = softmax(gradient);
        let log_sum = libm::logf(sum);
        let even = self.label_smoothing / output.len() as f32;
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

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings for CrossEntropy {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::LabelSmoothing, &mut self.label_smoothing);
    }
}

impl<const K: usize> Loss<[f32; K]> for CrossEntropy {
    /// The class, below `K`
    type Target = usize;
    const ZERO: Self = Self::new();

    fn evaluate(&self, output: &[f32; K], target: &usize, gradient: &mut [f32; K]) -> Result<f32, InvalidTarget> {
        const { assert!(K > 0, "a loss needs an output: write 1 or more for K") };
        self.of_slice(output, *target, gradient)
    }
}

impl<const K: usize> Supervised<[f32; K]> for CrossEntropy {
    const TASK: Task = Task::Classify { classes: K };

    fn target(label: impl IntoIterator<Item = f32>) -> usize {
        label.into_iter().next().and_then(classes::number).unwrap_or(usize::MAX)
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
    fn numbers_that_are_no_class_are_refused() {
        let target = |label: &[f32]| <CrossEntropy as Supervised<[f32; 3]>>::target(label.iter().copied());
        assert_eq!([0.0, 2.0].map(|number| target(&[number])), [0, 2]);
        for label in [&[][..], &[-1.0], &[0.5], &[f32::NAN], &[f32::INFINITY]] {
            let refused = CrossEntropy::new().evaluate(&[0.0; 3], &target(label), &mut [0.0; 3]);
            assert_eq!(refused, Err(InvalidTarget), "{label:?}");
        }
    }
}
