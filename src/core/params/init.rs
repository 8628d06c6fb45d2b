//! What a leaf starts with.

use crate::core::rng::{Key, Stream};
use crate::kernels::arch::sqrt;

/// How a leaf starts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Init {
    /// U(-1/√fan_in, 1/√fan_in): PyTorch's default for linear layers and convolutions, weight and bias alike
    /// (Kaiming-uniform with a = √5).
    FanIn(usize),
    /// U(-√(3/n), √(3/n)), whose variance is 1/n: a sum of n products with values of variance 1 has it as well (LeCun et al.
    /// 1998).
    Variance(usize),
    /// Every value the same.
    Constant(f32),
}

impl Init {
    /// Draws a leaf whole.
    pub(super) fn fill(self, values: &mut [f32], key: Key) {
        match self.bound() {
            Ok(bound) => uniform_at(values, bound, key),
            Err(constant) => values.fill(constant),
        }
    }

    /// The next values of a leaf, in order, from its stream.
    pub(crate) fn draw(self, values: &mut [f32], stream: &mut Stream) {
        match self.bound() {
            Ok(bound) => uniform(values, bound, stream),
            Err(constant) => values.fill(constant),
        }
    }

    /// The bound of values that are drawn, or the constant that is not.
    fn bound(self) -> Result<f32, f32> {
        match self {
            Self::Constant(value) => Err(value),
            Self::FanIn(fan_in) => Ok(1.0 / sqrt(fan_in as f32)),
            Self::Variance(parts) => Ok(sqrt(3.0 / parts as f32)),
        }
    }
}

/// One copy for all trees.
#[inline(never)]
fn uniform_at(values: &mut [f32], bound: f32, key: Key) {
    uniform(values, bound, &mut key.stream());
}

/// Draws values between -`bound` and `bound`.
fn uniform(values: &mut [f32], bound: f32, stream: &mut Stream) {
    for value in values {
        *value = (2.0 * stream.uniform() - 1.0) * bound;
    }
}

#[cfg(test)]
mod tests {
    use crate::core::params::Params;
    use crate::core::rng::{Key, Purpose};
    use crate::nn::layer::Linear;

    #[test]
    fn init_is_kaiming_uniform_over_the_fan_in() {
        let mut layer = Linear::<9, 4000>::ZERO;
        layer.init(Key::new(5, Purpose::Init));
        let values = layer.weight.as_flattened();
        let variance = values.iter().map(|w| w * w).sum::<f32>() / values.len() as f32;
        assert!(values.iter().all(|w| w.abs() <= 1.0 / 3.0));
        assert!((variance - 1.0 / 27.0).abs() < 5e-4, "{variance}");
        assert!(layer.bias.iter().any(|&b| b != 0.0), "PyTorch draws the bias too");
    }
}
