//! The interface of everything that learns from samples, and the loop that makes one step with it.

use core::borrow::Borrow;

use super::report::{Evaluation, Progress, StepReport};
use crate::core::archive::Archive;
use crate::core::params::Leaf;

/// Learns from samples: a trainer in memory, or one at the other end of a line.
///
/// It is dyn-compatible once its associated types are named:
/// `dyn Learner<Input = [f32], Target = usize, Output = Vec<f32>, Error = MyError>`.
///
/// [`train_step`] makes a step with any learner.
pub trait Learner {
    /// The features of a sample.
    type Input: ?Sized;
    /// Its label, or whatever the loss compares the outputs with.
    type Target: ?Sized;
    /// Logits or values.
    type Output;
    /// Why a sample or a step is refused.
    type Error;

    /// Adds a sample to the gradient of the current pass and returns its loss. `weight` is its part of the step's loss:
    /// 1 / (number of samples in the batch).
    ///
    /// # Errors
    /// The learner's own; the sample then has no part in the step.
    fn accumulate(&mut self, input: &Self::Input, target: &Self::Target, weight: f32) -> Result<f32, Self::Error>;

    /// Called after the samples of a step have been accumulated: whether the learner needs the same samples once more, in
    /// the same order, before [`step`](Self::step). [`Sam`](super::Sam) perturbs the weights here.
    ///
    /// # Errors
    /// The learner's own.
    fn second_pass(&mut self) -> Result<bool, Self::Error> {
        Ok(false)
    }

    /// Changes the weights by the accumulated gradient.
    ///
    /// # Errors
    /// The learner's own.
    fn step(&mut self) -> Result<StepReport, Self::Error>;

    /// Looks at a sample after a step, without learning from it: [`Fisher`](super::Fisher) bases its choice of weights on
    /// such samples. Others do nothing.
    ///
    /// # Errors
    /// The learner's own.
    fn observe(&mut self, _input: &Self::Input, _target: &Self::Target) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Ends the observation: chooses by the samples since the last choice. Without any it does nothing.
    ///
    /// # Errors
    /// The learner's own.
    fn select(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// The outputs for a sample, without dropout and stochastic depth; by the average of the weights where the optimiser
    /// keeps one.
    ///
    /// # Errors
    /// The learner's own.
    fn predict(&mut self, input: &Self::Input) -> Result<Self::Output, Self::Error>;

    /// The outputs for a sample as [`predict`](Self::predict) gives them, and their loss.
    ///
    /// # Errors
    /// The learner's own.
    fn evaluate(&mut self, input: &Self::Input, target: &Self::Target)
    -> Result<Evaluation<Self::Output>, Self::Error>;

    /// Visits the weights that predict, leaf by leaf in the order of the walk: the average where the optimiser keeps one.
    ///
    /// # Errors
    /// The learner's own.
    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), Self::Error>;

    /// Shows all that the run needs to go on as if nothing had happened to `archive`; it is to be called between steps.
    /// [`checkpoint`](crate::checkpoint) writes it down and reads it back.
    fn persist(&mut self, archive: &mut Archive);

    /// Progress of the current run.
    ///
    /// # Errors
    /// The learner's own.
    fn progress(&mut self) -> Result<Progress, Self::Error>;
}

/// Makes one step: accumulates the samples, twice where the learner needs a second pass, and changes the weights. Gives
/// the mean loss of the first pass as well, NaN without samples.
///
/// ```
/// use trainlet::core::params::Params;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::train::{Config, Trainer, train_step};
///
/// let mut trainer = Trainer::<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>::ZERO;
/// trainer.init(Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3)))?;
/// let batch = [([[0.1; 6]; 16], 3), ([[-0.2; 6]; 16], 1)];
/// let (loss, report) = train_step(&mut trainer, batch.iter().map(|(window, class)| (window, class)))?;
/// assert!(loss > 0.0 && report.applied);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the learner. The step has not been made then.
pub fn train_step<L: Learner + ?Sized, X: Borrow<L::Input>, Y: Borrow<L::Target>>(
    learner: &mut L,
    samples: impl ExactSizeIterator<Item = (X, Y)> + Clone,
) -> Result<(f32, StepReport), L::Error> {
    let weight = 1.0 / samples.len() as f32;
    let mut sum = 0.0;
    let report = train_step_with(learner, samples, |_| weight, |loss| sum += loss)?;
    Ok((sum * weight, report))
}

/// [`train_step`] with a weight for each sample, which may depend on its target, and with a look at each loss of the first pass.
///
/// A learner that already has the first samples of the batch, such as a board after a lost connection, is given the rest of
/// them with the weight that they have in the whole batch.
///
/// # Errors
/// Those of the learner. The step has not been made then.
#[inline]
pub fn train_step_with<L: Learner + ?Sized, X: Borrow<L::Input>, Y: Borrow<L::Target>>(
    learner: &mut L,
    samples: impl Iterator<Item = (X, Y)> + Clone,
    weight: impl Fn(&Y) -> f32,
    mut on_loss: impl FnMut(f32),
) -> Result<StepReport, L::Error> {
    for (input, target) in samples.clone() {
        on_loss(learner.accumulate(input.borrow(), target.borrow(), weight(&target))?);
    }
    if learner.second_pass()? {
        for (input, target) in samples {
            learner.accumulate(input.borrow(), target.borrow(), weight(&target))?;
        }
    }
    learner.step()
}

/// Shows samples to a learner and lets it choose anew by them, as [`Fisher`](super::Fisher) does; to be called between steps,
/// now and then. For other learners nothing happens.
///
/// # Errors
/// Those of the learner.
#[inline]
pub fn observe_samples<L: Learner + ?Sized, X: Borrow<L::Input>, Y: Borrow<L::Target>>(
    learner: &mut L,
    samples: impl Iterator<Item = (X, Y)>,
) -> Result<(), L::Error> {
    for (input, target) in samples {
        learner.observe(input.borrow(), target.borrow())?;
    }
    learner.select()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::archive::Failure;
    use crate::nn::loss::InvalidTarget;
    use std::vec::Vec;

    /// Writes down what it is asked; needs two passes if it says so.
    struct Notes {
        passes: bool,
        calls: Vec<(char, f32, f32)>,
    }

    impl Learner for Notes {
        type Input = [f32];
        type Target = usize;
        type Output = f32;
        type Error = InvalidTarget;

        fn accumulate(&mut self, input: &[f32], target: &usize, weight: f32) -> Result<f32, InvalidTarget> {
            if *target > 9 {
                return Err(InvalidTarget);
            }
            self.calls.push(('a', input[0], weight));
            Ok(input[0])
        }

        fn second_pass(&mut self) -> Result<bool, InvalidTarget> {
            self.calls.push(('p', 0.0, 0.0));
            Ok(self.passes)
        }

        fn step(&mut self) -> Result<StepReport, InvalidTarget> {
            self.calls.push(('s', 0.0, 0.0));
            Ok(StepReport { lr: 0.1, grad_norm: 1.0, applied: true })
        }

        fn predict(&mut self, input: &[f32]) -> Result<f32, InvalidTarget> {
            Ok(input[0])
        }

        fn evaluate(&mut self, input: &[f32], _: &usize) -> Result<Evaluation<f32>, InvalidTarget> {
            Ok(Evaluation { loss: 0.0, output: input[0] })
        }

        fn weights(&mut self, _: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), InvalidTarget> {
            Ok(())
        }

        fn persist(&mut self, archive: &mut Archive) {
            archive.fail(Failure::Elsewhere);
        }

        fn progress(&mut self) -> Result<Progress, InvalidTarget> {
            Ok(Progress::default())
        }
    }

    type Erased<'a> = &'a mut dyn Learner<Input = [f32], Target = usize, Output = f32, Error = InvalidTarget>;

    #[test]
    fn a_step_shows_its_samples_as_often_as_the_learner_needs() {
        let samples = [([2.0_f32], 1_usize), ([4.0], 2)];
        let pass = [('a', 2.0, 0.5), ('a', 4.0, 0.5)];
        let (between, end) = ([('p', 0.0, 0.0)], [('s', 0.0, 0.0)]);
        for passes in [false, true] {
            let mut notes = Notes { passes, calls: Vec::new() };
            let learner: Erased = &mut notes;
            let batch = samples.iter().map(|(input, target)| (&input[..], *target));
            let (loss, report) = train_step(learner, batch).unwrap();
            assert_eq!((loss, report.applied), (3.0, true));
            let second: &[_] = if passes { &pass } else { &[] };
            assert_eq!(notes.calls, [&pass, &between[..], second, &end].concat());
        }
    }

    #[test]
    fn a_step_ends_at_the_first_error() {
        let mut notes = Notes { passes: false, calls: Vec::new() };
        let samples = [([2.0_f32], 1_usize), ([4.0], 10)];
        let batch = samples.iter().map(|(input, target)| (&input[..], target));
        assert_eq!(train_step(&mut notes, batch), Err(InvalidTarget));
        assert_eq!(notes.calls, [('a', 2.0, 0.5)]);
    }
}
