//! How much noise, step by step.

use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};
use crate::kernels::arch::sqrt;
use crate::kernels::cosine::half_cosine;

/// Noise on updates. It is measured in the steps themselves: with a deviation σ each weight is moved by σ times the learning
/// rate on top of what the optimiser moves it by, which with Adam is about the learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NoiseConfig {
    /// The largest σ, at least 0.
    pub sigma: f32,
    /// Steps over which σ rises from 0, in the very first.
    pub warmup: u32,
    /// How σ falls then.
    pub shape: NoiseShape,
    /// Number, from 0, of the first step without any noise.
    pub end: u32,
    /// How the noise is distributed.
    pub law: Distribution,
    /// What σ is a multiple of.
    pub unit: Unit,
    /// Noise only in steps with a small gradient.
    pub gate: Option<Gate>,
}

/// How the deviation of the noise falls after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum NoiseShape {
    /// Falls with the root of the number of the step, and in the end along half a cosine.
    Root {
        /// Step from which on it falls; 0 counts as 1.
        from: u32,
        /// Step from which on it goes to 0 along half a cosine.
        fade: u32,
    },
    /// The noise levels of a diffusion model's sampler (Karras et al. 2022, their ρ = 7): falls to a hundredth, fast at first,
    /// and from there to 0 in the last step.
    Karras,
}

/// How noise is distributed: independent from weight to weight, with mean 0 and deviation 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Distribution {
    /// +1 or -1: a random bit per weight.
    Rademacher,
    /// Nearly normal: the sum of twelve uniform numbers (6σ is the most).
    Gaussian,
}

/// What σ is a multiple of, beside the learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Unit {
    /// Nothing: for Adam, which moves each weight by about the learning rate.
    Rate,
    /// The root mean square of the array's gradient as it is used: for gradient descent, which moves the weights by
    /// that.
    Gradient,
}

/// Noise only where the gradient is small, as at saddle points (after the perturbed gradient descent of Jin et al. 2017): then
/// one step has the full σ. Needs the norm of the whole gradient; without it the gate stays shut.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gate {
    /// The norm must be at most this share of its moving average; at least 0.
    pub threshold: f32,
    /// Least number of steps between two openings, and before the first.
    pub patience: u32,
}

impl Settings for NoiseConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Noise, &mut self.sigma);
        archive.count(&mut self.warmup);
        let shapes = [NoiseShape::Root { from: 0, fade: 0 }, NoiseShape::Karras];
        archive.choice(&mut self.shape, &shapes, |shape, archive| {
            if let NoiseShape::Root { from, fade } = shape {
                archive.count(from);
                archive.count(fade);
            }
        });
        archive.count(&mut self.end);
        archive.choice(&mut self.law, &[Distribution::Rademacher, Distribution::Gaussian], |_, _| {});
        archive.choice(&mut self.unit, &[Unit::Rate, Unit::Gradient], |_, _| {});
        archive.option(&mut self.gate, Gate { threshold: 0.0, patience: 0 }, |gate, archive| {
            archive.setting(Setting::NoiseGate, &mut gate.threshold);
            archive.count(&mut gate.patience);
        });
    }
}

impl NoiseConfig {
    /// Random bits of deviation `sigma` for Adam in a run of `total` steps, of which `warmup` with a rising rate: with the
    /// root of time from a tenth of the run on, fading from four fifths on, nothing in the last step.
    pub const fn new(sigma: f32, warmup: u32, total: u32) -> Self {
        let shape = NoiseShape::Root { from: total / 10, fade: total / 5 * 4 };
        let end = total.saturating_sub(1);
        Self { sigma, warmup, shape, end, law: Distribution::Rademacher, unit: Unit::Rate, gate: None }
    }

    /// σ in step number `step`, from 0, if there is no gate.
    pub fn at(&self, step: u32) -> f32 {
        if step >= self.end {
            return 0.0;
        }
        let rise = if step < self.warmup { step as f32 / self.warmup as f32 } else { 1.0 };
        self.sigma * rise * self.shape.at(step, self.warmup, self.end)
    }
}

impl NoiseShape {
    fn at(self, step: u32, warmup: u32, end: u32) -> f32 {
        match self {
            Self::Root { from, fade } => {
                let late = (step as f32 / from.max(1) as f32).max(1.0);
                half_cosine(share(step, fade, end)) / sqrt(late)
            }
            Self::Karras => {
                /// 1 - 0.01^(1/7)
                const FALL: f32 = 0.482_052_54;
                let root = 1.0 - share(step, warmup, end) * FALL;
                let cube = root * root * root;
                cube * cube * root
            }
        }
    }
}

/// How much of the way from `from` to `to` is done.
fn share(step: u32, from: u32, to: u32) -> f32 {
    if step <= from { 0.0 } else { (step - from) as f32 / to.saturating_sub(from).max(1) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(config: NoiseConfig, expected: &[(u32, f32)]) {
        for (step, sigma) in expected {
            let got = config.at(*step);
            assert!((got - sigma).abs() < 2e-7, "step {step}: {got} instead of {sigma}");
        }
    }

    fn config(shape: NoiseShape) -> NoiseConfig {
        NoiseConfig { shape, end: 1000, ..NoiseConfig::new(0.1, 100, 1000) }
    }

    #[test]
    fn the_root_of_time_and_its_tail() {
        let expected = [
            (0, 0.0),
            (50, 0.05),
            (100, 0.1),
            (200, 0.070_710_68),
            (400, 0.05),
            (800, 0.035_355_34),
            (900, 0.016_666_67),
            (1000, 0.0),
        ];
        assert_near(config(NoiseShape::Root { from: 100, fade: 800 }), &expected);
    }

    #[test]
    fn the_levels_of_a_diffusion_sampler() {
        let expected = [(50, 0.05), (100, 0.1), (325, 0.040_701), (550, 0.014_507_3), (775, 0.004_324_5), (1000, 0.0)];
        assert_near(config(NoiseShape::Karras), &expected);
    }

    #[test]
    fn the_last_step_of_a_run_is_without_noise() {
        for total in [1, 2, 5, 9, 10, 1000] {
            for shape in [NoiseConfig::new(0.5, 0, total).shape, NoiseShape::Karras] {
                let config = NoiseConfig { shape, ..NoiseConfig::new(0.5, 0, total) };
                assert_eq!(config.at(total - 1), 0.0);
                assert!((0..total - 1).all(|step| config.at(step) > 0.0), "{config:?}");
            }
        }
    }

    #[test]
    fn any_fields_and_any_step_give_a_deviation_within_bounds() {
        let counts = [0, 1, 2, 1000, u32::MAX - 1, u32::MAX];
        for warmup in counts {
            for end in counts {
                for from in counts {
                    for fade in counts {
                        for shape in [NoiseShape::Root { from, fade }, NoiseShape::Karras] {
                            let config = NoiseConfig { shape, end, ..NoiseConfig::new(1.0, warmup, 9) };
                            for step in counts {
                                assert!((0.0..=1.0).contains(&config.at(step)), "{config:?} at {step}");
                            }
                        }
                    }
                }
            }
        }
    }

    /// For a constant rate η, the noise moves a weight by η √Σσ² over a run, as a random walk: ½ √(100 (1 + ln 10)) η for these.
    #[test]
    fn the_walk_over_a_run_is_as_long_as_the_closed_form() {
        let config =
            NoiseConfig { shape: NoiseShape::Root { from: 100, fade: 1000 }, end: 1000, ..NoiseConfig::new(0.5, 0, 9) };
        let squares: f64 = (0..1000).map(|step| f64::from(config.at(step)).powi(2)).sum();
        let closed = 0.5 * f64::sqrt(100.0 * (1.0 + f64::ln(10.0)));
        assert!((squares.sqrt() - closed).abs() < 0.01, "{} instead of {closed}", squares.sqrt());
    }
}
