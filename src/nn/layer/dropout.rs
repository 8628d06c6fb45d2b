//! Dropout, whose mask is drawn again in the backward pass instead of being stored.

use crate::core::archive::Archive;
use crate::core::rng::{Key, Threshold};
use crate::core::setting::{Setting, Settings};

/// Inverted dropout: in training each value is set to 0 with probability `p`, the others are divided by 1 - p.
/// Evaluation does not call it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dropout {
    /// Probability of 0, in `[0, 1)`.
    pub p: f32,
}

impl Settings for Dropout {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Dropout, &mut self.p);
    }
}

impl Dropout {
    /// Multiplies a vector by the mask that belongs to `key`: activations in the forward pass and, with the same key, their
    /// gradients in the backward pass. The vector is every `step`-th of `values`, at least each.
    #[inline(never)]
    pub fn apply(self, values: &mut [f32], step: usize, key: Key) {
        if self.p <= 0.0 {
            return;
        }
        let dropped = Threshold::new(self.p);
        let scale = if self.p < 1.0 { 1.0 / (1.0 - self.p) } else { 0.0 };
        let mut stream = key.stream();
        for value in values.iter_mut().step_by(step.max(1)) {
            *value *= if stream.chance(dropped) { 0.0 } else { scale };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;

    const KEY: Key = Key::new(11, Purpose::Mask);

    #[test]
    fn values_are_dropped_or_scaled_and_the_mean_stays() {
        let mut x = [1.0; 100_000];
        Dropout { p: 0.3 }.apply(&mut x, 1, KEY);
        assert!(x.iter().all(|&x| x == 0.0 || x == 1.0 / 0.7));
        let mean = x.iter().sum::<f32>() / 1e5;
        let square = x.iter().map(|x| x * x).sum::<f32>() / 1e5;
        assert!((mean - 1.0).abs() < 0.01 && (square - 1.0 / 0.7).abs() < 0.01, "{mean} {square}");
    }

    #[test]
    fn the_same_key_gives_the_same_mask_and_another_key_another() {
        let (mut x, mut gradient, mut other) = ([1.0; 64], [1.0; 64], [1.0; 64]);
        Dropout { p: 0.5 }.apply(&mut x, 1, KEY.child(1));
        Dropout { p: 0.5 }.apply(&mut gradient, 1, KEY.child(1));
        Dropout { p: 0.5 }.apply(&mut other, 1, KEY.child(2));
        assert_eq!(x, gradient);
        assert_ne!(x, other);
    }

    #[test]
    fn the_ends_are_identity_and_zero() {
        let mut x = [2.0; 8];
        Dropout { p: 0.0 }.apply(&mut x, 1, KEY);
        assert_eq!(x, [2.0; 8]);
        Dropout { p: 1.0 }.apply(&mut x, 1, KEY);
        assert_eq!(x, [0.0; 8]);
    }
}
