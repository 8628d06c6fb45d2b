//! Trainers that go beyond the plain step, as a device.

use trainlet::core::budget::Budget;
use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::loss::{Classify, InvalidTarget};
use trainlet::optim::Optimizer;
use trainlet::train::{Config, Dynamic, Fisher, NoMask, Sam, SamError, SingleStep, StepReport, TopK, Trainer};

use crate::run::Error;
use crate::run::learner::Device;
use crate::run::options::ideas::{Flexible, IdeaOptions, SamName};

/// A trainer whose steps may need their samples twice.
pub trait Stepper<M: Network> {
    /// Takes a sample.
    fn accumulate(&mut self, input: &M::Input, label: usize, share: f32) -> Result<f32, InvalidTarget>;
    /// Whether the samples are needed again, after a perturb.
    fn perturb(&mut self) -> Result<bool, SamError>;
    /// Changes the weights.
    fn step(&mut self) -> Result<StepReport, SamError>;
    /// Looks at a sample for the choice of weights that are moved.
    fn observe(&mut self, _: &M::Input, _: usize) -> Result<(), InvalidTarget> {
        Ok(())
    }
    /// Chooses.
    fn select(&mut self) {}
    /// The outputs for a sample.
    fn predict(&mut self, input: &M::Input) -> M::Output;
    /// What is learnt.
    fn weights(&self) -> &M;
    /// To start from other weights.
    fn weights_mut(&mut self) -> &mut M;
    /// Weights and average change places.
    fn swap_average(&mut self);
    /// Steps that were left out.
    fn skipped(&self) -> u32;
}

macro_rules! as_the_trainer_does {
    () => {
        fn accumulate(&mut self, input: &M::Input, label: usize, share: f32) -> Result<f32, InvalidTarget> {
            self.accumulate(input, &M::Loss::target(label), share)
        }
        fn predict(&mut self, input: &M::Input) -> M::Output {
            self.predict(input)
        }
        fn swap_average(&mut self) {
            self.swap_average();
        }
        fn skipped(&self) -> u32 {
            self.skipped()
        }
    };
}

impl<M: Network> Stepper<M> for Trainer<M, M::Loss, Flexible<M>, M::Arena> {
    as_the_trainer_does!();
    fn perturb(&mut self) -> Result<bool, SamError> {
        Ok(false)
    }
    fn step(&mut self) -> Result<StepReport, SamError> {
        Ok(self.step())
    }
    fn weights(&self) -> &M {
        &self.weights
    }
    fn weights_mut(&mut self) -> &mut M {
        &mut self.weights
    }
}

impl<M: Network> Stepper<M> for OnePass<M> {
    as_the_trainer_does!();
    fn perturb(&mut self) -> Result<bool, SamError> {
        Ok(false)
    }
    fn step(&mut self) -> Result<StepReport, SamError> {
        Ok(self.step())
    }
    fn weights(&self) -> &M {
        self.weights()
    }
    fn weights_mut(&mut self) -> &mut M {
        self.weights_mut()
    }
}

macro_rules! two_passes {
    ($mask:ty { $($more:tt)* }) => {
        impl<M: Network> Stepper<M> for TwoPasses<M, $mask> {
            as_the_trainer_does!();
            fn perturb(&mut self) -> Result<bool, SamError> {
                self.perturb().map(|_| true)
            }
            fn step(&mut self) -> Result<StepReport, SamError> {
                self.step()
            }
            fn weights(&self) -> &M {
                self.weights()
            }
            fn weights_mut(&mut self) -> &mut M {
                self.weights_mut()
            }
            $($more)*
        }
    };
}
two_passes!(NoMask {});
two_passes!(TopK<M::Bits> {});
two_passes!(Dynamic<M::Bits> {});
two_passes!(Fisher<M::Bits> {
    fn observe(&mut self, input: &M::Input, label: usize) -> Result<(), InvalidTarget> {
        self.observe(input, &M::Loss::target(label))
    }
    fn select(&mut self) {
        self.select();
    }
});

type TwoPasses<M, S> = Sam<M, <M as Network>::Loss, Flexible<M>, <M as Network>::Arena, <M as Network>::F32, S>;
type OnePass<M> = SingleStep<M, <M as Network>::Loss, Flexible<M>, <M as Network>::Arena, <M as Network>::F32>;
type Settings<M> = Config<<M as Network>::Loss, <Flexible<M> as Optimizer>::Config, Option<f32>>;

fn started<M: Network, T: Stepper<M> + 'static>(trainer: T, start: impl FnOnce(&mut T)) -> Box<dyn Stepper<M>> {
    let mut trainer = Box::new(trainer);
    start(&mut trainer);
    trainer
}

/// Such a trainer on this computer, with the samples of the current step.
pub struct Perturbed<M: Network> {
    trainer: Box<dyn Stepper<M>>,
    budget: Budget,
    /// Steps from one choice of weights to the next.
    epoch: u32,
    steps: u32,
    batch: Vec<(Vec<f32>, usize, f32)>,
    input: M::Input,
    /// A copy of the average.
    average: Box<M>,
}

impl<M: Network> Perturbed<M> {
    /// Starts a run of so many steps, so many of them to an epoch.
    pub fn new(ideas: &IdeaOptions, config: Settings<M>, epoch: u32, steps: u32) -> Self {
        let ascent = ideas.ascent();
        let trainer: Box<dyn Stepper<M>> = match ideas.sam {
            None => started(Trainer::<M, M::Loss, Flexible<M>, M::Arena>::ZERO, |trainer| trainer.init(config)),
            Some(SamName::Sam | SamName::Asam) => {
                started(TwoPasses::<M, NoMask>::ZERO, |trainer| trainer.init(config, ascent, ()))
            }
            Some(SamName::TopK) => {
                started(TwoPasses::<M, TopK<M::Bits>>::ZERO, |trainer| trainer.init(config, ascent, ideas.sparsity()))
            }
            Some(SamName::Dynamic) => started(TwoPasses::<M, Dynamic<M::Bits>>::ZERO, |trainer| {
                trainer.init(config, ascent, ideas.dynamic(epoch, steps));
            }),
            Some(SamName::Fisher) => {
                started(TwoPasses::<M, Fisher<M::Bits>>::ZERO, |trainer| trainer.init(config, ascent, ideas.sparsity()))
            }
            Some(SamName::SingleStep) => started(OnePass::<M>::ZERO, |trainer| trainer.init(config, ascent)),
        };
        let (budget, epoch, average) = (ideas.budget::<M>(), epoch.max(1), Box::new(M::ZERO));
        Self { trainer, budget, epoch, steps: 0, batch: Vec::new(), input: M::Input::ZERO, average }
    }

    /// To start from other weights than those that the seed gives.
    pub fn weights_mut(&mut self) -> &mut M {
        self.trainer.weights_mut()
    }
}

impl<M: Network> Device<M> for Perturbed<M> {
    fn name(&self) -> &str {
        "desktop"
    }

    fn budget(&self) -> Budget {
        self.budget
    }

    fn position(&mut self) -> Result<(u32, u32), Error> {
        Ok((self.steps, self.batch.len() as u32))
    }

    fn accumulate(&mut self, row: &[f32], label: usize, share: f32) -> Result<f32, Error> {
        self.input.flat_mut().copy_from_slice(row);
        self.batch.push((row.to_vec(), label, share));
        Ok(self.trainer.accumulate(&self.input, label, share)?)
    }

    fn step(&mut self) -> Result<StepReport, Error> {
        let Self { trainer, batch, input, .. } = self;
        if trainer.perturb()? {
            for (row, label, share) in &*batch {
                input.flat_mut().copy_from_slice(row);
                trainer.accumulate(input, *label, *share)?;
            }
        }
        let report = trainer.step()?;
        if self.steps.is_multiple_of(self.epoch) {
            for (row, label, _) in &*batch {
                input.flat_mut().copy_from_slice(row);
                trainer.observe(input, *label)?;
            }
            trainer.select();
        }
        self.steps += 1;
        batch.clear();
        Ok(report)
    }

    fn predict(&mut self, row: &[f32]) -> Result<M::Output, Error> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.trainer.predict(&self.input))
    }

    fn weights(&mut self) -> Result<&M, Error> {
        self.trainer.swap_average();
        let mut flat = Vec::new();
        self.trainer.weights().read(&mut |_, values| flat.extend_from_slice(values));
        self.trainer.swap_average();
        let mut flat = flat.as_slice();
        M::walk([&mut *self.average], &mut |_, [values]| {
            let (first, rest) = flat.split_at(values.len());
            values.copy_from_slice(first);
            flat = rest;
        });
        Ok(&self.average)
    }

    fn skipped(&mut self) -> Result<u32, Error> {
        Ok(self.trainer.skipped())
    }

    fn busy_micros(&mut self) -> Result<Option<u64>, Error> {
        Ok(None)
    }
}
