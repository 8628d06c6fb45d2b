//! The settings of a rehearsal.

use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::optim::{
    Adam, AdamConfig, Lion, LionConfig, Momentum, MomentumConfig, Optimizer, Schedule, ScheduleFree,
    ScheduleFreeConfig, SecondOnly, Sgd, SgdConfig, State,
};
use trainlet::train::{Config, Online, Trainer};

use crate::samples::BATCH;

/// An optimiser with the settings of a rehearsal.
pub trait Usual: Optimizer {
    /// Its settings.
    const CONFIG: Self::Config;
    /// The full learning rate.
    const RATE: f32;
}

impl<S: State> Usual for Adam<S> {
    const CONFIG: AdamConfig = AdamConfig::adamw(0.01);
    const RATE: f32 = 5e-3;
}

impl<S: State> Usual for Lion<S> {
    const CONFIG: LionConfig = LionConfig { betas: [0.9, 0.99], weight_decay: 0.1 };
    const RATE: f32 = 5e-4;
}

impl<S: State, X: Tensor> Usual for ScheduleFree<Adam<SecondOnly<S>>, X> {
    const CONFIG: (AdamConfig, ScheduleFreeConfig) = (AdamConfig::adamw(0.01), ScheduleFreeConfig::new());
    const RATE: f32 = 5e-3;
}

impl<X: Tensor> Usual for ScheduleFree<Sgd, X> {
    const CONFIG: (SgdConfig, ScheduleFreeConfig) = (SgdConfig { weight_decay: 0.0 }, ScheduleFreeConfig::new());
    const RATE: f32 = 2e-2;
}

impl<S: State> Usual for Momentum<S> {
    const CONFIG: MomentumConfig = MomentumConfig::new(0.9);
    const RATE: f32 = 5e-3;
}

impl Usual for Sgd {
    const CONFIG: SgdConfig = SgdConfig { weight_decay: 0.0 };
    const RATE: f32 = 2e-2;
}

/// A run of this number of steps, with dropout and stochastic depth or without.
pub(crate) fn config<L, C>(loss: L, optimizer: C, rate: f32, steps: u32, random: bool) -> Config<L, C> {
    let config = Config::new(7, loss, optimizer, Schedule::cosine(rate, steps / 10, steps));
    let [dropout, stochastic_depth] = if random { [0.1, 0.2] } else { [0.0; 2] };
    let (dropout, stochastic_depth) = (Dropout { p: dropout }, StochasticDepth { p: stochastic_depth });
    Config { dropout, stochastic_depth, ..config }
}

/// A trainer of a network in one of the modes.
pub trait Mode {
    /// What it trains.
    type Network: Network;
    /// Samples that share a step when the network is trained in earnest.
    const USUAL_BATCH: u32;

    /// Starts a run.
    ///
    /// # Errors
    /// A setting is out of range.
    fn start(&mut self, steps: u32, random: bool) -> Result<(), OutOfRange>;
}

impl<M: Network, O: Usual> Mode for Trainer<M, M::Loss, O, M::Arena> {
    type Network = M;
    const USUAL_BATCH: u32 = 32;

    fn start(&mut self, steps: u32, random: bool) -> Result<(), OutOfRange> {
        self.init(config(M::LOSS, O::CONFIG, O::RATE, steps, random).clipped(1.0))
    }
}

/// Each sample is a step.
impl<M: Network, O: Usual> Mode for Online<M, M::Loss, O, M::Online> {
    type Network = M;
    const USUAL_BATCH: u32 = 1;

    fn start(&mut self, steps: u32, random: bool) -> Result<(), OutOfRange> {
        self.init(config(M::LOSS, O::CONFIG, O::RATE, steps * BATCH as u32, random))
    }
}
