//! Regularising the update: what a user can say about it.

use clap::{Args, ValueEnum};
use serde::Serialize;
use trainlet::core::setting::OutOfRange;
use trainlet::optim::{AdamConfig, AverageConfig, Distribution, Gate, NoiseConfig, NoiseShape};
use trainlet::train::{Ascent, DynamicConfig, Sparsity};

use crate::networks::mask::MaskSettings;
use crate::networks::optimizer::Rule;
use crate::networks::settings::Method;

/// What an update does beyond the optimiser's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Args)]
#[command(next_help_heading = "Regularising the update, with adam or adamw in f32")]
pub struct IdeaOptions {
    /// Take the gradient at the worst point nearby (sharpness-aware minimisation)
    #[arg(long, value_enum, value_name = "VARIANT")]
    pub sam: Option<SamName>,
    /// Distance of that point; with --sam [default: 0.05, with asam 0.5]
    #[arg(long, value_name = "LENGTH")]
    pub rho: Option<f32>,
    /// Share of the weights that stay where they are; with --sam top-k, dynamic or fisher [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    pub sparsity: Option<f32>,
    /// Add noise to each update, with a deviation of at most SIGMA times the learning rate; 0.5 is a lot
    #[arg(long, value_name = "SIGMA")]
    pub noise: Option<f32>,
    /// How the noise falls to nothing; with --noise [default: root]
    #[arg(long, value_enum, value_name = "SHAPE")]
    pub noise_shape: Option<ShapeName>,
    /// How the noise is distributed; with --noise [default: rademacher]
    #[arg(long, value_enum, value_name = "LAW")]
    pub noise_law: Option<LawName>,
    /// Noise only where the gradient's norm is below this share of its average, at most every 50 steps; with --noise
    #[arg(long, value_name = "SHARE")]
    pub noise_gate: Option<f32>,
    /// Test with, and keep, an average of the weights over the run; this is its width relative to the run's length, 0.1 is
    /// usual
    #[arg(long, value_name = "WIDTH")]
    pub ema: Option<f32>,
}

/// Variants of sharpness-aware minimisation by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SamName {
    /// Two passes over each batch (SAM)
    Sam,
    /// The same, and large weights go further (ASAM)
    Asam,
    /// Only the weights with the largest gradient are moved
    TopK,
    /// Only some weights are moved, which are exchanged now and then (SSAM-D)
    Dynamic,
    /// Only the weights with the most Fisher information are moved (SSAM-F)
    Fisher,
    /// One pass: along the gradient of the step before (S2-SAM)
    SingleStep,
}

/// Shapes of noise by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeName {
    /// With the root of time, in the end along a cosine
    Root,
    /// As the noise levels of a diffusion model do
    Karras,
}

/// Distributions of noise by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LawName {
    /// A random sign
    Rademacher,
    /// Nearly normal
    Gaussian,
}

/// Steps from one time that the gate opens to the next.
const PATIENCE: u32 = 50;

impl IdeaOptions {
    /// Whether any of it is asked for.
    pub fn any(&self) -> bool {
        self.sam.is_some() || self.noise.is_some() || self.ema.is_some()
    }

    /// Number of passes of a step over its samples.
    pub fn passes(&self) -> u32 {
        if matches!(self.sam, None | Some(SamName::SingleStep)) { 1 } else { 2 }
    }

    /// The way to the perturbed point.
    pub fn ascent(&self) -> Ascent {
        match self.sam {
            Some(SamName::Asam) => Ascent::asam(self.rho.unwrap_or(0.5)),
            _ => Ascent::sam(self.rho.unwrap_or(0.05)),
        }
    }

    /// The share of weights that are not moved there.
    pub fn sparsity(&self) -> Sparsity {
        Sparsity(self.sparsity.unwrap_or(0.5))
    }

    /// The exchange of the weights that are, once per epoch of `epoch` steps.
    pub fn dynamic(&self, epoch: u32, steps: u32) -> DynamicConfig {
        DynamicConfig { sparsity: self.sparsity(), every: epoch, rate: 0.5, end: steps }
    }

    fn noise_of(&self, sigma: f32, warmup: u32, steps: u32) -> NoiseConfig {
        let usual = NoiseConfig::new(sigma, warmup, steps);
        let shape = if self.noise_shape == Some(ShapeName::Karras) { NoiseShape::Karras } else { usual.shape };
        let law =
            if self.noise_law == Some(LawName::Gaussian) { Distribution::Gaussian } else { Distribution::Rademacher };
        let gate = self.noise_gate.map(|threshold| Gate { threshold, patience: PATIENCE });
        NoiseConfig { shape, law, gate, ..usual }
    }

    /// Whether samples have to be observed between steps.
    pub fn observes(&self) -> bool {
        self.sam == Some(SamName::Fisher)
    }

    /// How samples become an update in a run of `steps` steps, `epoch` of them to an epoch.
    pub fn method(&self, epoch: u32, steps: u32) -> Method {
        let ascent = self.ascent();
        match self.sam {
            None => Method::BATCHES,
            Some(SamName::Sam | SamName::Asam) => Method::Sam(ascent, MaskSettings::Everything),
            Some(SamName::TopK) => Method::Sam(ascent, MaskSettings::TopK(self.sparsity())),
            Some(SamName::Dynamic) => Method::Sam(ascent, MaskSettings::Dynamic(self.dynamic(epoch, steps))),
            Some(SamName::Fisher) => Method::Sam(ascent, MaskSettings::Fisher(self.sparsity())),
            Some(SamName::SingleStep) => Method::SingleStep(ascent),
        }
    }

    /// How the gradient changes the weights.
    ///
    /// # Errors
    /// A width of the average that is out of range.
    pub fn rule(&self, adam: AdamConfig, warmup: u32, steps: u32) -> Result<Rule, OutOfRange> {
        let noise = self.noise.map(|sigma| self.noise_of(sigma, warmup, steps));
        Ok(Rule::Regularised(adam, noise, self.ema.map(AverageConfig::of_width).transpose()?))
    }
}
