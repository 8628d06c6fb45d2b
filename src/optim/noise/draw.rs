//! Random numbers with mean 0 and deviation 1, from integers alone.

use super::Distribution;
use crate::core::rng::Stream;

/// Adds `amplitude` times such a number to each value.
#[inline(never)]
pub fn add(values: &mut [f32], law: Distribution, amplitude: f32, stream: &mut Stream) {
    match law {
        Distribution::Rademacher => {
            for values in values.chunks_mut(32) {
                let mut bits = stream.bits();
                for value in values {
                    *value += if bits & 1 == 0 { amplitude } else { -amplitude };
                    bits >>= 1;
                }
            }
        }
        Distribution::Gaussian => values.iter_mut().for_each(|value| *value += amplitude * stream.normal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec;

    #[test]
    fn mean_variance_and_kurtosis() {
        for (law, kurtosis) in [(Distribution::Rademacher, 1.0), (Distribution::Gaussian, 2.9)] {
            let mut values = vec![0.0; 100_000];
            add(&mut values, law, 1.0, &mut Key::new(1, Purpose::Rounding).stream());
            let moment = |power| values.iter().map(|x| f64::from(*x).powi(power)).sum::<f64>() / 1e5;
            assert!(moment(1).abs() < 0.01, "{law:?}: {}", moment(1));
            assert!((moment(2) - 1.0).abs() < 0.02, "{law:?}: {}", moment(2));
            assert!((moment(4) - kurtosis).abs() < 0.05, "{law:?}: {}", moment(4));
            let neighbours = values.windows(2).map(|pair| f64::from(pair[0] * pair[1])).sum::<f64>() / 1e5;
            assert!(neighbours.abs() < 0.01, "{law:?}: {neighbours}");
        }
    }
}
