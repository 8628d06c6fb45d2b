//! Whatever does the computing of a run: this computer, or a board.

use trainlet::core::budget::Budget;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::extra::monitor::{Health, Monitored, MonitoredConfig, Thresholds};
use trainlet::networks::Network;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::Classify;
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::optim::Optimizer;
use trainlet::train::{Config, NoClip, Online, OnlineReport, StepReport, Trainer};

use crate::run::Error;

/// A trainer, wherever it is.
pub trait Device<M: Network> {
    /// Where it is.
    fn name(&self) -> &str;

    /// RAM of the trainer, without a monitor.
    fn budget(&self) -> Budget;

    /// Steps that it has made of this run, and samples that it has taken into the next: more than none if it goes on from
    /// an earlier connection.
    fn position(&mut self) -> Result<(u32, u32), Error>;

    /// Takes a sample into the next step, and gives its loss.
    fn accumulate(&mut self, row: &[f32], label: usize, share: f32) -> Result<f32, Error>;

    /// Changes the weights.
    fn step(&mut self) -> Result<StepReport, Error>;

    /// The outputs for a sample.
    fn predict(&mut self, row: &[f32]) -> Result<M::Output, Error>;

    /// What it has learnt.
    fn weights(&mut self) -> Result<&M, Error>;

    /// Judges an epoch by its mean loss and begins the next, if the run is watched.
    fn end_epoch(&mut self, _: f32) -> Option<Health> {
        None
    }

    /// Steps that were left out because their gradient was not finite.
    fn skipped(&mut self) -> Result<u32, Error>;

    /// Microseconds that it has spent on this run by its own clock, if that is another than ours.
    fn busy_micros(&mut self) -> Result<Option<u64>, Error>;
}

/// Leaves that a run can be watched in: more than any network of the list has.
const LEAVES: usize = 256;
/// The same of layers of GELUs.
const GELUS: usize = 64;

type Watched<M, O> = Trainer<M, <M as Network>::Loss, Monitored<O, LEAVES, GELUS>, <M as Network>::Arena>;

/// The trainer of the boards on this computer, which can be watched.
pub struct Desktop<M: Network, O: Optimizer> {
    trainer: Box<Watched<M, O>>,
    is_watched: bool,
    input: M::Input,
    noise: Option<Noise>,
}

/// What makes tests as random as training.
struct Noise {
    dropout: Dropout,
    stochastic_depth: StochasticDepth,
    key: Key,
    samples: u64,
    arena: Vec<f32>,
}

impl Noise {
    fn predict<M: Network>(&mut self, weights: &M, input: &M::Input) -> M::Output {
        let Self { dropout, stochastic_depth, key, samples, arena } = self;
        let pass = Pass::new(*dropout, *stochastic_depth, <M as Model>::COST.depth as u32, key.child(*samples));
        *samples += 1;
        arena.resize(M::ACTIVATIONS, 0.0);
        let mut output = M::Output::ZERO;
        weights.forward(input, &mut output, arena, &pass);
        output
    }
}

impl<M: Network, O: Optimizer> Desktop<M, O> {
    /// Starts a run, watched if there are thresholds.
    pub fn start(config: Config<M::Loss, O::Config, Option<f32>>, thresholds: Option<Thresholds>) -> Self {
        let mut trainer = Box::new(Watched::<M, O>::ZERO);
        trainer.init(config.with_optimizer(|optimizer| MonitoredConfig { optimizer, thresholds }));
        Self { trainer, is_watched: thresholds.is_some(), input: M::Input::ZERO, noise: None }
    }

    /// Tests with dropout and stochastic depth, as training has them.
    pub fn make_tests_noisy(&mut self, config: &Config<M::Loss, O::Config, Option<f32>>) {
        let Config { dropout, stochastic_depth, seed, .. } = *config;
        let key = Key::new(seed, Purpose::Mask).child(u64::MAX);
        self.noise = Some(Noise { dropout, stochastic_depth, key, samples: 0, arena: Vec::new() });
    }

    /// To start from other weights than those that the seed gives.
    pub fn weights_mut(&mut self) -> &mut M {
        &mut self.trainer.weights
    }
}

impl<M: Network, O: Optimizer> Device<M> for Desktop<M, O> {
    fn name(&self) -> &str {
        "desktop"
    }

    fn budget(&self) -> Budget {
        Trainer::<M, M::Loss, O, M::Arena>::BUDGET
    }

    fn position(&mut self) -> Result<(u32, u32), Error> {
        Ok((self.trainer.steps(), self.trainer.samples()))
    }

    fn accumulate(&mut self, row: &[f32], label: usize, share: f32) -> Result<f32, Error> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.trainer.accumulate(&self.input, &M::Loss::target(label), share)?)
    }

    fn step(&mut self) -> Result<StepReport, Error> {
        Ok(self.trainer.step())
    }

    fn predict(&mut self, row: &[f32]) -> Result<M::Output, Error> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(match &mut self.noise {
            Some(noise) => noise.predict(&self.trainer.weights, &self.input),
            None => self.trainer.predict(&self.input),
        })
    }

    fn end_epoch(&mut self, loss: f32) -> Option<Health> {
        self.is_watched.then(|| self.trainer.end_epoch(loss))
    }

    fn weights(&mut self) -> Result<&M, Error> {
        Ok(&self.trainer.weights)
    }

    fn skipped(&mut self) -> Result<u32, Error> {
        Ok(self.trainer.skipped())
    }

    fn busy_micros(&mut self) -> Result<Option<u64>, Error> {
        Ok(None)
    }
}

/// The online trainer of the boards on this computer.
pub struct OnlineDesktop<M: Network, O: Optimizer> {
    trainer: Box<Online<M, M::Loss, O, M::Online>>,
    input: M::Input,
    last: Option<OnlineReport>,
}

impl<M: Network, O: Optimizer> OnlineDesktop<M, O> {
    /// Starts a run.
    pub fn start(config: Config<M::Loss, O::Config, NoClip>) -> Self {
        let mut trainer = Box::new(Online::<M, M::Loss, O, M::Online>::ZERO);
        trainer.init(config);
        Self { trainer, input: M::Input::ZERO, last: None }
    }

    /// To start from other weights than those that the seed gives.
    pub fn weights_mut(&mut self) -> &mut M {
        &mut self.trainer.weights
    }
}

impl<M: Network, O: Optimizer> Device<M> for OnlineDesktop<M, O> {
    fn name(&self) -> &str {
        "desktop"
    }

    fn budget(&self) -> Budget {
        Online::<M, M::Loss, O, M::Online>::BUDGET
    }

    fn position(&mut self) -> Result<(u32, u32), Error> {
        Ok((self.trainer.steps(), 0))
    }

    /// The sample is a batch of its own: its share is the whole.
    fn accumulate(&mut self, row: &[f32], label: usize, _: f32) -> Result<f32, Error> {
        self.input.flat_mut().copy_from_slice(row);
        let learnt = self.trainer.learn(&self.input, &M::Loss::target(label))?;
        self.last = Some(learnt);
        Ok(learnt.loss)
    }

    /// Tells of the step that the last sample was.
    fn step(&mut self) -> Result<StepReport, Error> {
        let none = StepReport { lr: 0.0, grad_norm: f32::NAN, applied: false };
        Ok(self.last.take().map_or(none, |OnlineReport { lr, applied, .. }| StepReport { lr, applied, ..none }))
    }

    fn predict(&mut self, row: &[f32]) -> Result<M::Output, Error> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.trainer.predict(&self.input))
    }

    fn weights(&mut self) -> Result<&M, Error> {
        Ok(&self.trainer.weights)
    }

    fn skipped(&mut self) -> Result<u32, Error> {
        Ok(self.trainer.skipped())
    }

    fn busy_micros(&mut self) -> Result<Option<u64>, Error> {
        Ok(None)
    }
}
