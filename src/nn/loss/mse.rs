//! Mean squared error.

use super::{InvalidTarget, Loss};
use crate::core::setting::Check;
use crate::core::tensor::Tensor;

/// The mean over all outputs of (output - target)²; PyTorch's `MSELoss`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse;

impl Check for Mse {}

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
}
