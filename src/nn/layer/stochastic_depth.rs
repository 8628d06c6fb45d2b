//! Stochastic depth (drop path): whole residual branches left out at random, per sample.

use crate::core::archive::Archive;
use crate::core::rng::{Key, Threshold};
use crate::core::setting::{Setting, Settings};

/// In training a branch is left out with probability `p`, otherwise divided by 1 - p; evaluation uses it as it is
/// (Huang et al. 2016, [arXiv 1603.09382](https://arxiv.org/abs/1603.09382)).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StochasticDepth {
    /// Probability that the branch is left out, in `[0, 1)`.
    pub p: f32,
}

impl Settings for StochasticDepth {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::StochasticDepth, &mut self.p);
    }
}

impl StochasticDepth {
    /// The rate of block number `block` of `depth`, rising linearly from 0 in the first to `p` in the last; a single
    /// block is never left out.
    pub fn at(self, block: u32, depth: u32) -> Self {
        if depth < 2 {
            return Self { p: 0.0 };
        }
        Self { p: self.p * block as f32 / (depth - 1) as f32 }
    }

    /// The factor on the branch that belongs to `key`; `None` when it is left out.
    pub fn scale(self, key: Key) -> Option<f32> {
        if self.p <= 0.0 {
            return Some(1.0);
        }
        let dropped = self.p >= 1.0 || key.stream().chance(Threshold::new(self.p));
        (!dropped).then(|| 1.0 / (1.0 - self.p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;

    const KEY: Key = Key::new(2, Purpose::Mask);

    #[test]
    fn rates_rise_linearly_with_depth() {
        let rates: [f32; 10] = core::array::from_fn(|i| StochasticDepth { p: 0.3 }.at(i as u32, 10).p);
        for (i, rate) in rates.iter().enumerate() {
            assert!((rate - 0.3 * i as f32 / 9.0).abs() < 1e-7);
        }
        assert_eq!(StochasticDepth { p: 0.3 }.at(0, 1).p, 0.0);
    }

    #[test]
    fn a_branch_is_kept_twice_as_strong_half_of_the_time() {
        let half = StochasticDepth { p: 0.5 };
        let kept = (0..10_000).filter_map(|i| half.scale(KEY.child(i))).inspect(|&s| assert_eq!(s, 2.0)).count();
        assert!(kept.abs_diff(5000) < 200, "{kept}");
        assert_eq!(StochasticDepth { p: 0.0 }.scale(KEY), Some(1.0));
        assert_eq!(StochasticDepth { p: 1.0 }.scale(KEY), None);
    }
}
