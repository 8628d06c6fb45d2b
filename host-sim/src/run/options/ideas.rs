//! Ideas for training beyond the plain step: what a user can say about them, and the trainers that have them.

use clap::{Args, ValueEnum};
use serde::Serialize;
use trainlet::core::budget::Budget;
use trainlet::core::params::Leaf;
use trainlet::networks::Network;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Distribution, Gate, NoiseConfig, NoiseShape, Noisy, Optimizer, Step,
};
use trainlet::train::{Ascent, Dynamic, DynamicConfig, Fisher, NoMask, Sam, SingleStep, Sparsity, TopK, Trainer};

/// What an update does beyond the optimiser's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Args)]
#[command(next_help_heading = "Beyond the plain step, with adam or adamw in f32")]
pub struct IdeaOptions {
    /// Take the gradient at the worst point near by (sharpness-aware minimisation)
    #[arg(long, value_enum, value_name = "VARIANT")]
    pub sam: Option<SamName>,
    /// How far that point is; with --sam [default: 0.05, with asam 0.5]
    #[arg(long, value_name = "LENGTH")]
    pub rho: Option<f32>,
    /// Share of the weights that stay where they are; with --sam top-k, dynamic or fisher [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    pub sparsity: Option<f32>,
    /// Add noise to each update, of a deviation of at most so many times the learning rate; 0.5 is a lot
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
    /// Whether there is anything beyond the plain step.
    pub fn any(&self) -> bool {
        self.sam.is_some() || self.noise.is_some() || self.ema.is_some()
    }

    /// How often a step goes through its samples.
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

    /// The exchange of the weights that are, once per epoch of so many steps.
    pub fn dynamic(&self, epoch: u32, steps: u32) -> DynamicConfig {
        DynamicConfig { sparsity: self.sparsity(), every: epoch, rate: 0.5, end: steps }
    }

    /// The noise in a run of so many steps.
    pub fn noise(&self, warmup: u32, steps: u32) -> NoiseConfig {
        let usual = NoiseConfig::new(self.noise.unwrap_or(0.0), warmup, steps);
        let shape = if self.noise_shape == Some(ShapeName::Karras) { NoiseShape::Karras } else { usual.shape };
        let law =
            if self.noise_law == Some(LawName::Gaussian) { Distribution::Gaussian } else { Distribution::Rademacher };
        let gate = self.noise_gate.map(|threshold| Gate { threshold, patience: PATIENCE });
        NoiseConfig { shape, law, gate, ..usual }
    }

    /// RAM of the trainer that has what these options ask for, and no more.
    pub fn budget<M: Network>(&self) -> Budget {
        match (self.noise.is_some(), self.ema.is_some()) {
            (false, false) => self.budget_with::<M, Adam<M::F32>>(),
            (true, false) => self.budget_with::<M, Noisy<Adam<M::F32>>>(),
            (false, true) => self.budget_with::<M, Averaged<Adam<M::F32>, M::F32>>(),
            (true, true) => self.budget_with::<M, Averaged<Noisy<Adam<M::F32>>, M::F32>>(),
        }
    }

    fn budget_with<M: Network, O: Optimizer>(&self) -> Budget {
        match self.sam {
            None => Trainer::<M, M::Loss, O, M::Arena>::BUDGET,
            Some(SamName::Sam | SamName::Asam) => Sam::<M, M::Loss, O, M::Arena, M::F32, NoMask>::BUDGET,
            Some(SamName::TopK) => Sam::<M, M::Loss, O, M::Arena, M::F32, TopK<M::Bits>>::BUDGET,
            Some(SamName::Dynamic) => Sam::<M, M::Loss, O, M::Arena, M::F32, Dynamic<M::Bits>>::BUDGET,
            Some(SamName::Fisher) => Sam::<M, M::Loss, O, M::Arena, M::F32, Fisher<M::Bits>>::BUDGET,
            Some(SamName::SingleStep) => SingleStep::<M, M::Loss, O, M::Arena, M::F32>::BUDGET,
        }
    }
}

/// Adam with noise and an average, each of which can be left out without a trace in the weights: one type, so that the
/// compiler does not go through all networks for each combination.
pub struct Flexible<M: Network> {
    optimizer: Averaged<Noisy<Adam<M::F32>>, M::F32>,
    averaged: bool,
}

impl<M: Network> Flexible<M> {
    /// Its settings by the options.
    pub fn config(options: &IdeaOptions, adam: AdamConfig, warmup: u32, steps: u32) -> <Self as Optimizer>::Config {
        (
            ((adam, options.noise(warmup, steps)), AverageConfig::of_width(options.ema.unwrap_or(0.1))),
            options.ema.is_some(),
        )
    }
}

impl<M: Network> Optimizer for Flexible<M> {
    type Config = (<Averaged<Noisy<Adam<M::F32>>, M::F32> as Optimizer>::Config, bool);

    const ZERO: Self = Self { optimizer: Averaged::ZERO, averaged: false };
    const CAPACITY: usize = <Averaged<Noisy<Adam<M::F32>>, M::F32> as Optimizer>::CAPACITY;
    const IN_BLOCKS: bool = <Averaged<Noisy<Adam<M::F32>>, M::F32> as Optimizer>::IN_BLOCKS;

    fn init(&mut self, (config, averaged): Self::Config) {
        self.optimizer.init(config);
        self.averaged = averaged;
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) {
        self.optimizer.update(leaf, weights, first, gradient, step);
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        if self.averaged { self.optimizer.average() } else { None }
    }
}
