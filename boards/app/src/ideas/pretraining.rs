//! Learning without labels, and the way from there to labels in the same memory.

use trainlet::budget::Budget;
use trainlet::checksum::crc32;
use trainlet::loss::CrossEntropy;
use trainlet::masked::{PhaseLoss, Phases, Pretext};
use trainlet::net::Model;
use trainlet::networks::{Watch12x1Replaced, Watch12x1Seen};
use trainlet::optim::{Adam, AdamConfig, Optimizer};
use trainlet::train::{Config, Trainer};

use super::{Learner, Net, Sample, config, share};

/// Both phases with mask tokens in place of hidden ones.
pub type Replaced = Phases<Watch12x1Replaced, Net>;
/// Both phases with blocks that see the visible tokens alone.
pub type Seen = Phases<Watch12x1Seen, Net>;

/// A trainer for both phases.
pub type TwoPhases<M, const TRAINED: usize, const ARENA: usize> =
    Trainer<M, PhaseLoss<CrossEntropy>, Adam<[f32; TRAINED]>, [f32; ARENA]>;

type Settings<L> = Config<L, AdamConfig, f32>;

/// The same settings with a loss of either phase.
fn with<L>(config: Settings<CrossEntropy>, loss: impl FnOnce(CrossEntropy) -> L) -> Settings<L> {
    let Config { seed, loss: labelled, optimizer, schedule, clip, dropout, stochastic_depth } = config;
    Config { seed, loss: loss(labelled), optimizer, schedule, clip, dropout, stochastic_depth }
}

/// Begins without labels.
pub fn start<P: Pretext<Input = <Net as Model>::Input>, const TRAINED: usize, const ARENA: usize>(
    trainer: &mut TwoPhases<Phases<P, Net>, TRAINED, ARENA>,
    config: Settings<CrossEntropy>,
) where
    Adam<[f32; TRAINED]>: Optimizer<Config = AdamConfig>,
{
    trainer.init(with(config, |_| PhaseLoss::Unlabelled));
}

impl<P: Pretext<Input = <Net as Model>::Input>, const TRAINED: usize, const ARENA: usize> Learner
    for TwoPhases<Phases<P, Net>, TRAINED, ARENA>
{
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;

    fn learn(&mut self, batch: &[Sample]) {
        for Sample { input, class } in batch {
            let target = self.weights.classifier().map(|_| *class as usize);
            let _ = self.accumulate(input, &target, share(batch));
        }
        self.step();
    }

    fn crc32(&mut self) -> u32 {
        crc32(&self.weights)
    }
}

/// Without labels for the first half of the steps, then with them.
pub struct ThenLabels<M: Model, const TRAINED: usize, const ARENA: usize>
where
    PhaseLoss<CrossEntropy>: trainlet::loss::Loss<M::Output>,
    Adam<[f32; TRAINED]>: Optimizer,
{
    trainer: TwoPhases<M, TRAINED, ARENA>,
    /// Steps without labels.
    unlabelled: u32,
}

impl<P: Pretext<Input = <Net as Model>::Input>, const TRAINED: usize, const ARENA: usize>
    ThenLabels<Phases<P, Net>, TRAINED, ARENA>
{
    /// Begins without labels, for half of the steps.
    pub fn start(&mut self, config: Settings<CrossEntropy>, steps: u32) {
        self.unlabelled = steps / 2;
        start(&mut self.trainer, config);
    }
}

impl<P: Pretext<Input = <Net as Model>::Input>, const TRAINED: usize, const ARENA: usize> Learner
    for ThenLabels<Phases<P, Net>, TRAINED, ARENA>
{
    const ZERO: Self = Self { trainer: Trainer::ZERO, unlabelled: 0 };
    const BUDGET: Budget = TwoPhases::<Phases<P, Net>, TRAINED, ARENA>::BUDGET;

    fn learn(&mut self, batch: &[Sample]) {
        if self.trainer.weights.classifier().is_none() && self.trainer.steps() == self.unlabelled {
            self.trainer.fine_tune(with(config(2 * self.unlabelled), PhaseLoss::Labelled));
        }
        self.trainer.learn(batch);
    }

    fn crc32(&mut self) -> u32 {
        self.trainer.crc32()
    }
}
