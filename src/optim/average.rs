//! A moving average of the weights.

use super::{Optimizer, Step};
use crate::core::params::Leaf;
use crate::core::params::flat::window_mut;
use crate::core::setting::{Check, Checker, OutOfRange, Setting};
use crate::core::tensor::Tensor;

/// Any optimiser, and the average of the weights that it leads through, which is smoother than the last of them: θ̂ ← β_t θ̂ +
/// (1 - β_t) θ with β_t = (1 - 1/t)^(γ+1) after update number t from 1 (the power-function average of Karras et al. 2024,
/// "Analyzing and Improving the Training Dynamics of Diffusion Models"). It always covers the same share of the run, so that
/// it suits short and long ones, and begins with the weights of the first step.
///
/// Predictions come from the average; training goes on from the weights. `S` holds it: `[f32; Net::TRAINABLE]`.
pub struct Averaged<O, S> {
    optimizer: O,
    average: S,
    config: AverageConfig,
    steps: u32,
    /// 1 - β_t: how far the average follows.
    rate: f32,
}

/// How long the average of [`Averaged`] remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AverageConfig {
    /// γ: the larger, the shorter; at least 0.
    pub gamma: f32,
}

impl AverageConfig {
    /// By the deviation of the average's window relative to the length of the run so far, 0.01 to 0.25; 0.1 is usual.
    ///
    /// γ is the largest root of γ³ + 7γ² + (16 - w⁻²)γ + 12 - w⁻².
    ///
    /// # Errors
    /// Another width.
    pub fn of_width(width: f32) -> Result<Self, OutOfRange> {
        Setting::AverageWidth.check(width)?;
        let s = 1.0 / (width * width);
        // To the right of the root the polynomial rises ever steeper, so that Newton's steps end at it.
        let mut gamma = 1.0 / width;
        for _ in 0..12 {
            let value = ((gamma + 7.0) * gamma + (16.0 - s)) * gamma + (12.0 - s);
            let slope = (3.0 * gamma + 14.0) * gamma + (16.0 - s);
            gamma -= value / slope;
        }
        Ok(Self { gamma })
    }

    /// 1 - β_t. The detour by logarithms of what is near 1 keeps its digits in long runs.
    fn rate(self, t: u32) -> f32 {
        -libm::expm1f((self.gamma + 1.0) * libm::log1pf(-1.0 / t as f32))
    }
}

impl Check for AverageConfig {
    fn show(&self, checker: &mut Checker) {
        checker.take(Setting::Gamma, self.gamma);
    }
}

impl<O: Optimizer, S: Tensor> Optimizer for Averaged<O, S> {
    type Config = (O::Config, AverageConfig);

    const ZERO: Self =
        Self { optimizer: O::ZERO, average: S::ZERO, config: AverageConfig { gamma: 0.0 }, steps: 0, rate: 0.0 };
    const CAPACITY: usize = if O::CAPACITY < S::LEN { O::CAPACITY } else { S::LEN };
    const COPY_BYTES: usize = O::COPY_BYTES + size_of::<S>();
    const IN_BLOCKS: bool = O::IN_BLOCKS;

    fn init(&mut self, (optimizer, config): Self::Config) {
        self.optimizer.init(optimizer);
        self.average.flat_mut().fill(0.0);
        self.config = config;
        self.steps = 0;
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
        self.steps += 1;
        self.rate = self.config.rate(self.steps);
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let all = self.optimizer.update(leaf, weights, first, gradient, step);
        follow(window_mut(self.average.flat_mut(), first, weights.len()), weights, self.rate);
        all
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        (self.steps > 0).then_some(self.average.flat_mut())
    }
}

#[inline(never)]
fn follow(average: &mut [f32], weights: &[f32], rate: f32) {
    for (a, w) in average.iter_mut().zip(weights) {
        // Not if the two are so far apart that no number is.
        let next = *a + rate * (w - *a);
        if next.is_finite() {
            *a = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, step};
    use super::super::{Sgd, SgdConfig};
    use super::*;

    #[test]
    fn widths_have_their_powers() {
        for (width, gamma) in [(0.05, 16.972_2), (0.10, 6.937_2), (0.15, 3.557_87), (0.20, 1.826_21)] {
            let got = AverageConfig::of_width(width).unwrap().gamma;
            assert!((got - gamma).abs() < 2e-5 * gamma, "{width}: {got} instead of {gamma}");
        }
    }

    #[test]
    fn it_remembers_as_the_paper_has_it() {
        let config = AverageConfig::of_width(0.1).unwrap();
        let expected = [(1, 0.0), (2, 0.004_08), (10, 0.433_324_7), (100, 0.923_327_2), (1000, 0.992_090_3)];
        for (t, beta) in expected {
            let got = 1.0 - config.rate(t);
            assert!((got - beta).abs() < 1e-6, "{t}: {got} instead of {beta}");
        }
        // 1 - β is about (γ + 1) / t, however long the run.
        let late = config.rate(10_000_000) * 1e7;
        assert!((late - (config.gamma + 1.0)).abs() < 1e-4, "{late}");
    }

    #[test]
    fn the_average_is_that_of_the_formula_and_begins_with_the_first_weights() {
        let mut optimizer = Averaged::<Sgd, [f32; 2]>::ZERO;
        optimizer.init((SgdConfig::default(), AverageConfig { gamma: 1.0 }));
        let mut weights = Point { values: [1.0, -3.0] };
        assert!(optimizer.average().is_none(), "nothing to average yet");
        let mut expected = [0.0; 2];
        for t in 1..=20 {
            optimizer.step(&mut weights, &[0.5, -1.0], &step(0.1, 1.0));
            let beta = (1.0 - 1.0 / f64::from(t)).powi(2);
            for (e, w) in expected.iter_mut().zip(weights.values) {
                *e = beta * *e + (1.0 - beta) * f64::from(w);
            }
            let average = optimizer.average().unwrap();
            assert!(t > 1 || *average == weights.values);
            for (a, e) in average.iter().zip(expected) {
                assert!((f64::from(*a) - e).abs() < 1e-6, "{t}: {a} instead of {e}");
            }
        }
    }
}
