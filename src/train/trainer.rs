//! The trainer that accumulates the gradient of a batch.

mod features;
mod learner;
#[cfg(test)]
mod long_run;
mod pieces;
mod staging;

pub use pieces::InPieces;

use super::average::swap_average;
use super::budget::trainer_budget;
use super::checks::check_state;
use super::config::{Config, KeptConfig, persist_clip};
use super::report::{Evaluation, Progress, StepReport};
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::core::count::next;
use crate::core::layout::split_at;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::{OutOfRange, checked};
use crate::core::tensor::Tensor;
use crate::kernels::arch::fill;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::{Optimizer, Step, clip_scale, grad_norm};

/// Trains a model in place. `M` is the model, `L` its loss, `O` the optimiser; `A` must be `[f32; M::ARENA]`, which stable
/// Rust requires to be written out where the types are concrete, as well as the length of the optimiser's state.
///
/// ```
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::train::{Config, Trainer};
///
/// type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;
///
/// // On a board: a `static` in a `ConstStaticCell`, so that nothing of it ever stands on the stack.
/// let mut trainer = WatchTrainer::ZERO;
/// trainer.init(Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3)))?;
///
/// let window = [[0.1; 6]; 16];
/// for _ in 0..20 {
///     trainer.accumulate(&window, &3, 1.0)?;
///     trainer.step();
/// }
/// assert!(trainer.evaluate(&window, &3)?.loss < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<M: Model, L: Loss<M::Output>, O: Optimizer, A> {
    /// The trained weights.
    pub weights: M,
    pub(crate) optimizer: O,
    /// The gradient of the weights that are trained, then activations.
    pub(super) arena: A,
    pub(super) config: KeptConfig<L>,
    /// Largest norm of a gradient.
    clip: Option<f32>,
    pub(super) progress: Progress,
    /// The memory of the gradient holds staged weights.
    staged: bool,
    /// A sample has a part in the gradient.
    pub(super) has_gradient: bool,
    /// In what the two flags leave of a word.
    pub(super) refused: u16,
}

/// What a trainer works in, for those who work with it between steps.
pub(crate) struct Memory<'a, M, L> {
    pub weights: &'a mut M,
    pub gradient: &'a mut [f32],
    pub activations: &'a mut [f32],
    pub loss: &'a L,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Trainer<M, L, O, A> {
    /// All zeros, for a `static` in `.bss`. Call [`init`](Self::init) before anything else.
    pub const ZERO: Self = {
        assert!(
            A::LEN == M::ARENA,
            "the arena has another length than the model needs: write `Trainer<Net, .., [f32; Net::ARENA]>`"
        );
        assert!(
            M::INFER_ARENA <= M::ACTIVATIONS,
            "evaluation must not need more than training: a block's `infer_scratch` is too large"
        );
        check_state(O::CAPACITY, M::TRAINABLE);
        Self {
            weights: M::ZERO,
            optimizer: O::ZERO,
            arena: A::ZERO,
            config: KeptConfig::zero(L::ZERO),
            clip: None,
            progress: Progress::ZERO,
            staged: false,
            has_gradient: false,
            refused: 0,
        }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = trainer_budget::<M, O>(M::TRAINABLE, size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn init<const CLIPPED: bool>(&mut self, config: Config<L, O::Config, CLIPPED>) -> Result<(), OutOfRange> {
        let seed = config.seed;
        self.restart(config)?;
        self.weights.init(Key::new(seed, Purpose::Init));
        Ok(())
    }

    /// Starts a run from the weights as they are, and forgets everything else: moments, steps, accumulated samples.
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn restart<const CLIPPED: bool>(&mut self, config: Config<L, O::Config, CLIPPED>) -> Result<(), OutOfRange> {
        config.check()?;
        let optimizer;
        (optimizer, self.clip) = self.config.set(config);
        (self.progress, self.refused) = (Progress::ZERO, 0);
        self.optimizer.init(optimizer);
        self.zero_grad();
        Ok(())
    }

    /// Multiplies the learning rate of all later steps, as after a loss that exploded.
    ///
    /// # Errors
    /// It would be out of its range; nothing has changed then.
    pub fn scale_rate(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.config.scale_rate(factor)
    }

    /// Goes on with another loss, as when a class is new ([`OpenCrossEntropy`](crate::nn::loss::OpenCrossEntropy)).
    ///
    /// # Errors
    /// A setting of it is out of its range; nothing has changed then.
    pub fn set_loss(&mut self, mut loss: L) -> Result<(), OutOfRange> {
        checked(|archive| loss.visit(archive))?;
        self.config.loss = loss;
        Ok(())
    }

    /// Shows all that the run needs to go on to `archive`: settings, progress, weights, and the optimiser's state. What is read takes
    /// the place of all of it; samples since the last step are forgotten then.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.part("trainer");
        self.config.persist(archive);
        persist_clip(&mut self.clip, archive);
        self.progress.persist(archive);
        let mut refused = self.refused();
        archive.count(&mut refused);
        self.refused = refused as u16;
        self.weights.persist(archive);
        self.optimizer.persist(M::TRAINABLE, archive);
        if archive.replaces() {
            self.zero_grad();
        }
    }

    /// Adds a sample to the gradient of the next step and returns its loss. `weight` is its part of the step's loss:
    /// 1 / (number of samples in the batch). A sample whose loss is not finite, as that of a broken sensor, counts as one of the step but
    /// has no part in its gradient; [`refused`](Self::refused) counts them.
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the step.
    #[inline(never)]
    pub fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        self.unstage();
        let Self { weights, optimizer, arena, config, progress, has_gradient, refused, .. } = self;
        let (gradient, activations) = split_arena::<M, A>(arena);
        let record = |bias: &[f32], inputs: &[f32], flat_below: f32| optimizer.record(bias, inputs, flat_below);
        let recorder: &crate::nn::pass::Record = &record;
        let pass = config.pass(progress.steps, progress.samples, M::COST.depth);
        let mut pass = pass.with_recorder(O::RECORDS.then_some(&recorder));
        let (mut output, mut doutput) = (M::Output::ZERO, M::Output::ZERO);
        weights.forward(input, &mut output, activations, &pass);
        let loss = config.loss.evaluate(&output, target, &mut doutput)?;
        progress.samples = next(progress.samples);
        if !loss.is_finite() {
            *refused = refused.saturating_add(1);
            return Ok(loss);
        }
        *has_gradient = true;
        for d in doutput.flat_mut() {
            *d *= weight;
        }
        // What the backward pass recomputes has been recorded already.
        pass.without_recorder();
        weights.backward(gradient, input, &doutput, activations, &pass);
        Ok(loss)
    }

    /// Changes the weights by the gradient of the samples since the last step, then forgets it. A gradient that is
    /// not finite changes nothing and is counted in [`skipped`](Self::skipped). So is a step that would make a weight or its
    /// moments infinite: these stay as they are.
    #[inline(never)]
    pub fn step(&mut self) -> StepReport {
        let has_samples = self.progress.samples > 0;
        let report = self.update();
        if has_samples {
            self.zero_grad();
        }
        report
    }

    /// What [`step`](Self::step) does, but for the gradient, which stays.
    pub(super) fn update(&mut self) -> StepReport {
        self.mark_empty();
        let Self { weights, optimizer, arena, config, clip, progress, has_gradient, .. } = self;
        let (gradient, _) = split_arena::<M, A>(arena);
        let lr = config.schedule.lr(progress.steps);
        let grad_norm = grad_norm(gradient);
        let has_samples = progress.samples > 0;
        let mut applied = has_samples && grad_norm.is_finite();
        if applied {
            let scale = clip.map_or(1.0, |most| clip_scale(grad_norm, most));
            let (index, key) = (progress.steps, config.rounding(progress.steps));
            applied = optimizer.step(weights, gradient, &Step { lr, scale, key, index, grad_norm: Some(grad_norm) });
        } else if has_samples {
            optimizer.skip(weights, gradient);
        }
        if has_samples {
            progress.steps = next(progress.steps);
            progress.skipped = progress.skipped.saturating_add(u32::from(!applied));
            progress.samples = 0;
            *has_gradient = false;
        }
        StepReport { lr, grad_norm, applied }
    }

    /// Whatever is done with the gradient of samples none of which has a part in it: it is not finite, so that the step is skipped.
    pub(super) fn mark_empty(&mut self) {
        if self.progress.samples > 0
            && !self.has_gradient
            && let Some(first) = split_arena::<M, A>(&mut self.arena).0.first_mut()
        {
            *first = f32::NAN;
        }
    }

    /// Forgets the samples since the last step.
    pub fn zero_grad(&mut self) {
        fill(split_arena::<M, A>(&mut self.arena).0, 0.0);
        self.progress.samples = 0;
        (self.staged, self.has_gradient) = (false, false);
    }

    /// The outputs for a sample, without dropout and stochastic depth; by the average of the weights where the optimiser
    /// keeps one.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.swap_average();
        self.weights.infer(input, &mut output, split_arena::<M, A>(&mut self.arena).1);
        self.swap_average();
        output
    }

    /// Swaps the weights with the average that the optimiser keeps of them, as at the end of a run; a second call
    /// undoes it. Without an average it does nothing.
    pub fn swap_average(&mut self) {
        swap_average(&mut self.weights, &mut self.optimizer);
    }

    /// Outputs that were predicted, with their loss.
    pub(super) fn with_loss(
        &self,
        output: M::Output,
        target: &L::Target,
    ) -> Result<Evaluation<M::Output>, InvalidTarget> {
        Evaluation::of(&self.config.loss, output, target)
    }

    /// Weights and memory, for those who work with them between steps. Samples since the last step are kept.
    pub(crate) fn memory(&mut self) -> Memory<'_, M, L> {
        let Self { weights, arena, config, .. } = self;
        let (gradient, activations) = split_arena::<M, A>(arena);
        Memory { weights, gradient, activations, loss: &config.loss }
    }

    /// The outputs for a sample and their loss, without dropout and stochastic depth.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        let output = self.predict(input);
        self.with_loss(output, target)
    }

    /// The gradient of the samples since the last step, in the order of the walk; after
    /// [`staged_weights`](Self::staged_weights), these instead.
    pub fn gradient(&self) -> &[f32] {
        self.arena.flat().get(..M::TRAINABLE).unwrap_or_default()
    }

    /// Number of steps since [`init`](Self::init), skipped ones included.
    pub fn steps(&self) -> u32 {
        self.progress.steps
    }

    /// Number of samples since the last step.
    pub fn samples(&self) -> u32 {
        self.progress.samples
    }

    /// Number of steps that were not made, or not for every weight, because the gradient or what follows from it was not
    /// finite.
    pub fn skipped(&self) -> u32 {
        self.progress.skipped
    }

    /// Number of samples since [`init`](Self::init) that had no part in a gradient because their loss was not finite; at most 65,535 are
    /// counted.
    pub fn refused(&self) -> u32 {
        u32::from(self.refused)
    }
}

/// Gradient and activations.
pub(super) fn split_arena<M: Model, A: Tensor>(arena: &mut A) -> (&mut [f32], &mut [f32]) {
    split_at(arena.flat_mut(), M::TRAINABLE)
}
