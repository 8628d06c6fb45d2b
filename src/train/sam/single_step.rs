//! SAM in a single pass: perturbed by the gradient of the last step.

use super::ascent::{self, Ascent};
use super::mask::NoMask;
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::core::params::Leaf;
use crate::core::setting::{OutOfRange, Settings};
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::Optimizer;
use crate::train::config::Config;
use crate::train::learner::Learner;
use crate::train::report::{Evaluation, Progress, StepReport};
use crate::train::trainer::{Memory, Trainer};

/// Sharpness-aware minimisation in a single pass (S²-SAM; Ji et al. 2024): the perturbation follows the gradient
/// of the last step, which was itself taken at a perturbed point. The gradient stays in its memory until the first sample of the
/// next step, so that all it costs is the copy of the weights, `K`: `[f32; Net::TRAINABLE]`.
///
/// It is used as [`Trainer`] is. The first step is a plain one.
pub struct SingleStep<M: Model, L: Loss<M::Output>, O: Optimizer, A, K> {
    trainer: Trainer<M, L, O, A>,
    /// The weights to be restored.
    origin: K,
    ascent: Ascent,
    place: Place,
}

/// Where the weights are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where the last step has led. Its gradient is in memory.
    Home,
    /// At the perturbed point, while samples wait for a step; where they came from is kept.
    Away,
    /// Back, because the first sample was refused; the perturbed point is kept.
    Back,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor, K: Tensor> SingleStep<M, L, O, A, K> {
    /// All zeros, for a `static` in `.bss`. Call [`init`](Self::init) before anything else.
    pub const ZERO: Self = {
        assert!(K::LEN == M::TRAINABLE, "the copy has another length than is needed: write `[f32; Net::TRAINABLE]`");
        Self { trainer: Trainer::ZERO, origin: K::ZERO, ascent: Ascent::ZERO, place: Place::Home }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = Trainer::<M, L, O, A>::BUDGET.with_copies(size_of::<K>(), size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn init<const CLIPPED: bool>(
        &mut self,
        config: Config<L, O::Config, CLIPPED>,
        ascent: Ascent,
    ) -> Result<(), OutOfRange> {
        ascent.check()?;
        self.trainer.init(config)?;
        (self.ascent, self.place) = (ascent, Place::Home);
        Ok(())
    }

    /// Multiplies the learning rate of all later steps, as after a loss that exploded.
    ///
    /// # Errors
    /// It would be out of its range; nothing has changed then.
    pub fn scale_rate(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.trainer.scale_rate(factor)
    }

    /// Shows all that the run needs to go on to `archive`: what [`Trainer::persist`] shows, and where the next perturbation leads to.
    pub fn persist(&mut self, archive: &mut Archive) {
        self.trainer.persist(archive);
        archive.part("single-step sam");
        self.ascent.visit(archive);
        let mut place = if self.place == Place::Back { Place::Back } else { Place::Home };
        archive.choice(&mut place, &[Place::Home, Place::Back], |place, archive| match place {
            // Of a step that was skipped it is not finite.
            Place::Home => archive.any(self.trainer.memory().gradient),
            _ => archive.finite(self.origin.flat_mut()),
        });
        if archive.replaces() {
            self.place = place;
        }
    }

    /// Adds a sample to the gradient of the next step, as [`Trainer::accumulate`] does; the first moves the weights.
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the step.
    #[inline(never)]
    pub fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        match self.place {
            Place::Home => self.perturb(),
            Place::Back => self.swap(),
            Place::Away => (),
        }
        self.place = Place::Away;
        let loss = self.trainer.accumulate(input, target, weight);
        if self.trainer.samples() == 0 {
            self.swap();
            self.place = Place::Back;
        }
        loss
    }

    fn perturb(&mut self) {
        let step = self.trainer.steps();
        let Memory { weights, gradient, .. } = self.trainer.memory();
        self.ascent.perturb(weights, gradient, self.origin.flat_mut(), &mut NoMask, step);
        self.trainer.zero_grad();
    }

    /// Restores the weights and changes them by the gradient of the samples since the last step, which it keeps for the next.
    /// A gradient that is not finite changes nothing and is counted in [`skipped`](Self::skipped).
    #[inline(never)]
    pub fn step(&mut self) -> StepReport {
        if self.trainer.samples() > 0 {
            self.restore();
        }
        self.trainer.update()
    }

    /// Forgets the samples since the last step, and the gradient of that: the next step is a plain one.
    pub fn zero_grad(&mut self) {
        self.restore();
        self.trainer.zero_grad();
    }

    fn restore(&mut self) {
        self.swap_weights();
        self.place = Place::Home;
    }

    /// Swaps the perturbed weights with those to be restored; only while samples wait for a step.
    fn swap_weights(&mut self) {
        if self.place == Place::Away {
            self.swap();
        }
    }

    fn swap(&mut self) {
        ascent::swap_weights(self.trainer.memory().weights, self.origin.flat_mut(), &NoMask);
    }

    /// The outputs for a sample, without dropout and stochastic depth, by the weights after the last step or by their
    /// average, as with [`Trainer::predict`].
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        self.swap_weights();
        let output = self.trainer.predict(input);
        self.swap_weights();
        output
    }

    /// The outputs for a sample and their loss, without dropout and stochastic depth.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        let output = self.predict(input);
        self.trainer.with_loss(output, target)
    }

    /// The trained weights; while samples wait for a step, the weights of the perturbed point.
    pub fn weights(&self) -> &M {
        &self.trainer.weights
    }

    /// The weights, to be changed; forgets the samples since the last step, and its gradient.
    pub fn weights_mut(&mut self) -> &mut M {
        self.zero_grad();
        &mut self.trainer.weights
    }

    /// [`Trainer::swap_average`]; forgets the samples since the last step, if there are any, and its gradient then.
    pub fn swap_average(&mut self) {
        if self.place != Place::Home {
            self.zero_grad();
        }
        self.trainer.swap_average();
    }

    /// Number of steps since [`init`](Self::init), skipped ones included.
    pub fn steps(&self) -> u32 {
        self.trainer.steps()
    }

    /// Number of samples since the last step.
    pub fn samples(&self) -> u32 {
        self.trainer.samples()
    }

    /// Number of steps that were not made, or not for every weight, because the gradient or what follows from it was not
    /// finite.
    pub fn skipped(&self) -> u32 {
        self.trainer.skipped()
    }

    /// [`Trainer::refused`]
    pub fn refused(&self) -> u32 {
        self.trainer.refused()
    }
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor, K: Tensor> Learner for SingleStep<M, L, O, A, K> {
    type Input = M::Input;
    type Target = L::Target;
    type Output = M::Output;
    type Error = InvalidTarget;

    fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        self.accumulate(input, target, weight)
    }

    fn step(&mut self) -> Result<StepReport, InvalidTarget> {
        Ok(self.step())
    }

    fn predict(&mut self, input: &M::Input) -> Result<M::Output, InvalidTarget> {
        Ok(self.predict(input))
    }

    fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        self.evaluate(input, target)
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), InvalidTarget> {
        self.swap_weights();
        Learner::weights(&mut self.trainer, visit)?;
        self.swap_weights();
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, InvalidTarget> {
        Learner::progress(&mut self.trainer)
    }
}
