//! Mean squared error.

use super::{InvalidTarget, Loss, LossOptions, NoSuchOption, Supervised, Task};
use crate::core::setting::Settings;
use crate::core::tensor::Tensor;

/// The mean over all outputs of (output - target)²; PyTorch's `MSELoss`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mse;

impl Mse {
    /// There is nothing to choose.
    pub const fn new() -> Self {
        Self
    }
}

impl Settings for Mse {}

impl<O: Tensor> Loss<O> for Mse {
    /// Finite values
    type Target = O;
    const ZERO: Self = Self;

    fn evaluate(&self, output: &O, target: &O, gradient: &mut O) -> Result<f32, InvalidTarget> {
        const { assert!(O::LEN > 0, "a loss needs an output: take a type with 1 value or more") };
        let share = 1.0 / O::LEN as f32;
        let mut loss = 0.0;
        for ((y, t), g) in output.flat().iter().zip(target.flat()).zip(gradient.flat_mut()) {
            if !t.is_finite() {
                return Err(InvalidTarget);
            }
            let difference = y - t;
            loss += share * (difference * difference);
            *g = 2.0 * share * difference;
        }
        Ok(loss)
    }
}

impl<O: Tensor> Supervised<O> for Mse {
    const TASK: Task = Task::Regress { values: O::LEN };

    fn target(label: impl IntoIterator<Item = f32>) -> O {
        let (mut target, mut label) = (O::ZERO, label.into_iter());
        for value in target.flat_mut() {
            *value = label.next().unwrap_or(f32::NAN);
        }
        target
    }

    fn with_options(self, LossOptions { label_smoothing, pos_weight }: LossOptions) -> Result<Self, NoSuchOption> {
        match (label_smoothing, pos_weight) {
            (Some(_), _) => Err(NoSuchOption::LabelSmoothing),
            (_, Some(_)) => Err(NoSuchOption::PosWeight),
            (None, None) => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_and_gradient_are_means_over_the_outputs() {
        let mut gradient = [[0.0; 2]; 2];
        let loss = Mse.evaluate(&[[1.0, 2.0], [3.0, 4.0]], &[[1.0, 0.0], [3.0, 8.0]], &mut gradient);
        assert_eq!(loss, Ok(5.0));
        assert_eq!(gradient, [[0.0, 1.0], [0.0, -2.0]]);
        assert_eq!(Mse.evaluate(&[0.0], &[f32::INFINITY], &mut [0.0]), Err(InvalidTarget));
    }

    #[test]
    fn a_label_has_a_value_for_each_output() {
        let target = |label: &[f32]| <Mse as Supervised<[f32; 2]>>::target(label.iter().copied());
        assert_eq!(target(&[1.0, 2.0]), [1.0, 2.0]);
        assert_eq!(Mse.evaluate(&[0.0; 2], &target(&[1.0]), &mut [0.0; 2]), Err(InvalidTarget));
    }
}
