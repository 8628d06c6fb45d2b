//! The trainer without a gradient buffer.

use super::average::swap_average;
use super::budget::trainer_budget;
use super::checks::check_state;
use super::config::{Config, KeptConfig};
use super::learner::Learner;
use super::report::{Evaluation, Progress, StepReport};
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::core::count::next;
use crate::core::layout::split_at;
use crate::core::params::Leaf;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::OutOfRange;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;
use crate::optim::{Optimizer, Step};

/// Trains a model in place, a step per sample, and changes the weights of each part of the model as soon as its gradient
/// is complete: what [`Trainer`](super::Trainer) does with batches of one sample, to the last bit unless the optimiser's
/// state is in 8-bit blocks, but with room for the gradient of the largest part alone.
///
/// `M` is the model, `L` its loss, `O` the optimiser; `A` must be `[f32; M::ONLINE_ARENA]`. The norm of the whole gradient is never
/// known, so there is no clipping; a sample whose loss is not finite changes nothing, and of another those weights stay that it
/// would make infinite.
///
/// ```
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::{Schedule, Sgd, SgdConfig};
/// use trainlet::train::{Config, Online, Trainer};
///
/// type WatchTrainer = Online<Net, CrossEntropy, Sgd, [f32; Net::ONLINE_ARENA]>;
/// assert!(WatchTrainer::BUDGET.total < Trainer::<Net, CrossEntropy, Sgd, [f32; Net::ARENA]>::BUDGET.total);
///
/// let mut trainer = WatchTrainer::ZERO;
/// trainer.init(Config::new(42, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(0.05)))?;
/// let window = [[0.1; 6]; 16];
/// for _ in 0..20 {
///     trainer.learn(&window, &3)?;
/// }
/// assert!(trainer.evaluate(&window, &3)?.loss < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Online<M: Model, L: Loss<M::Output>, O: Optimizer, A> {
    /// The trained weights.
    pub weights: M,
    pub(crate) optimizer: O,
    /// The gradient of one part, then activations.
    arena: A,
    config: KeptConfig<L>,
    last: LastStep,
    steps: u32,
    skipped: u32,
}

/// What is kept of the last step, for [`Learner::step`].
#[derive(Clone, Copy)]
struct LastStep {
    lr: f32,
    applied: bool,
}

impl LastStep {
    const NONE: Self = Self { lr: 0.0, applied: false };
}

/// Result of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OnlineReport {
    /// Its loss before the weights were changed.
    pub loss: f32,
    /// The learning rate.
    pub lr: f32,
    /// Whether all weights were changed: not by a loss that is not finite, nor those whose gradient is not.
    pub applied: bool,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Online<M, L, O, A> {
    /// All zeros, for a `static` in `.bss`. Call [`init`](Self::init) before anything else.
    pub const ZERO: Self = {
        assert!(
            A::LEN == M::ONLINE_ARENA,
            "the arena has another length than the model needs: write `Online<Net, .., [f32; Net::ONLINE_ARENA]>`"
        );
        assert!(
            M::INFER_ARENA <= M::ONLINE_ARENA,
            "evaluation must not need more than training: a block's `infer_scratch` is too large"
        );
        check_state(O::CAPACITY, M::TRAINABLE);
        Self {
            weights: M::ZERO,
            optimizer: O::ZERO,
            arena: A::ZERO,
            config: KeptConfig::zero(L::ZERO),
            last: LastStep::NONE,
            steps: 0,
            skipped: 0,
        }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = trainer_budget::<M, O>(M::COST.max_grad, size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn init<const CLIPPED: bool>(&mut self, config: Config<L, O::Config, CLIPPED>) -> Result<(), OutOfRange> {
        const {
            assert!(
                !CLIPPED,
                "clipping needs the norm of the whole gradient, which an online trainer never has: leave `.clipped(..)` out, or \
                 use `Trainer`, which keeps the whole gradient"
            );
        }
        config.check()?;
        let seed = config.seed;
        let (optimizer, _) = self.config.set(config);
        self.last = LastStep::NONE;
        (self.steps, self.skipped) = (0, 0);
        self.optimizer.init(optimizer);
        self.weights.init(Key::new(seed, Purpose::Init));
        Ok(())
    }

    /// Multiplies the learning rate of all later steps, as after a loss that exploded.
    ///
    /// # Errors
    /// It would be out of its range; nothing has changed then.
    pub fn scale_rate(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.config.scale_rate(factor)
    }

    /// Shows all that the run needs to go on to `archive`: settings, progress, weights, and the optimiser's state. What is read takes
    /// the place of all of it.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.part("online");
        self.config.persist(archive);
        archive.count(&mut self.steps);
        archive.count(&mut self.skipped);
        self.weights.persist(archive);
        self.optimizer.persist(M::TRAINABLE, archive);
        if archive.replaces() {
            self.last = LastStep::NONE;
        }
    }

    /// Changes the weights by the gradient of one sample.
    ///
    /// # Errors
    /// [`InvalidTarget`]; nothing has changed then.
    #[inline(never)]
    pub fn learn(&mut self, input: &M::Input, target: &L::Target) -> Result<OnlineReport, InvalidTarget> {
        let Self { weights, optimizer, arena, config, last, steps, skipped } = self;
        let (unit, activations) = split_at(arena.flat_mut(), M::COST.max_grad);
        let (mut output, mut gradient) = (M::Output::ZERO, M::Output::ZERO);
        let pass = config.pass(*steps, 0, M::COST.depth);
        forward_recorded(weights, optimizer, input, &mut output, activations, &pass);
        let loss = config.loss.evaluate(&output, target, &mut gradient)?;
        let lr = config.schedule.lr(*steps);
        let mut applied = loss.is_finite() && gradient.flat().iter().all(|g| g.is_finite());
        if applied {
            let step = Step { lr, scale: 1.0, key: config.rounding(*steps), index: *steps, grad_norm: None };
            optimizer.begin(&step);
            let mut apply = |leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32]| {
                applied &= optimizer.update(leaf, weights, first, gradient, &step);
            };
            let mut update = InPlaceUpdate::new(unit, M::TRAINABLE, &mut apply);
            weights.backward_update(&mut update, input, &gradient, activations, &pass);
        }
        *steps = next(*steps);
        *skipped = skipped.saturating_add(u32::from(!applied));
        *last = LastStep { lr, applied };
        Ok(OnlineReport { loss, lr, applied })
    }

    /// The outputs for a sample, without dropout and stochastic depth; by the average of the weights where the optimiser
    /// keeps one.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.swap_average();
        self.weights.infer(input, &mut output, self.arena.flat_mut());
        self.swap_average();
        output
    }

    /// Swaps the weights with the average that the optimiser keeps of them; a second call undoes it. Without an
    /// average it does nothing.
    pub fn swap_average(&mut self) {
        swap_average(&mut self.weights, &mut self.optimizer);
    }

    /// The outputs for a sample and their loss, without dropout and stochastic depth.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        let output = self.predict(input);
        Evaluation::of(&self.config.loss, output, target)
    }

    /// Number of samples since [`init`](Self::init), skipped ones included.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Number of samples that changed nothing, or not every weight, because their loss or their gradient was not finite.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }
}

/// A forward pass whose activations the optimiser records.
fn forward_recorded<M: Model, O: Optimizer>(
    weights: &M,
    optimizer: &O,
    input: &M::Input,
    output: &mut M::Output,
    activations: &mut [f32],
    pass: &Pass,
) {
    let record = |bias: &[f32], inputs: &[f32], flat_below: f32| optimizer.record(bias, inputs, flat_below);
    let recorder: &crate::nn::pass::Record = &record;
    weights.forward(input, output, activations, &pass.with_recorder(O::RECORDS.then_some(&recorder)));
}

/// A sample is a step of its own, made by [`accumulate`](Learner::accumulate) with the whole loss, whatever its weight;
/// [`step`](Learner::step) reports the last one.
impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Learner for Online<M, L, O, A> {
    type Input = M::Input;
    type Target = L::Target;
    type Output = M::Output;
    type Error = InvalidTarget;

    fn accumulate(&mut self, input: &M::Input, target: &L::Target, _: f32) -> Result<f32, InvalidTarget> {
        Ok(self.learn(input, target)?.loss)
    }

    fn step(&mut self) -> Result<StepReport, InvalidTarget> {
        let LastStep { lr, applied } = core::mem::replace(&mut self.last, LastStep::NONE);
        Ok(StepReport { lr, grad_norm: f32::NAN, applied })
    }

    fn predict(&mut self, input: &M::Input) -> Result<M::Output, InvalidTarget> {
        Ok(self.predict(input))
    }

    fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        self.evaluate(input, target)
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), InvalidTarget> {
        self.swap_average();
        self.weights.read(visit);
        self.swap_average();
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, InvalidTarget> {
        let Self { steps, skipped, .. } = *self;
        Ok(Progress { steps, samples: 0, skipped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::params::Params;
    use crate::networks::Mlp42;
    use crate::nn::loss::BceWithLogits;
    use crate::optim::{Momentum, MomentumConfig, Schedule};
    use std::boxed::Box;

    type Rolling = Momentum<[f32; Mlp42::TRAINABLE]>;

    #[test]
    fn a_run_has_no_last_sample() {
        let mut online = Box::new(Online::<Mlp42, BceWithLogits<1>, Rolling, [f32; Mlp42::ONLINE_ARENA]>::ZERO);
        let schedule = Schedule::constant(0.01);
        online.init(Config::new(1, BceWithLogits::new(), MomentumConfig::new(0.9), schedule)).unwrap();
        (online.steps, online.skipped) = (u32::MAX, u32::MAX);
        assert!(online.learn(&[0.5; 42], &[1.0]).unwrap().applied);
        assert!(!online.learn(&[f32::NAN; 42], &[1.0]).unwrap().applied);
        assert_eq!((online.steps(), online.skipped()), ((1 << 31) + 1, u32::MAX));
    }
}
