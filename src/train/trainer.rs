//! The trainer that adds up the gradient of a batch.

use super::{Clipping, Config, Evaluation, Learner, Progress, Settings, StepReport, check_state, swap};
use crate::core::budget::Budget;
use crate::core::params::Leaf;
use crate::core::rng::{Key, Purpose};
use crate::core::tensor::Tensor;
use crate::extra::curvature::{Lanczos, LanczosConfig, Probe};
use crate::kernels::arch::fill;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::{Optimizer, Step, clip_scale, grad_norm};

/// Trains a model in place. `M` is the model, `L` its loss, `O` the optimiser; `A` must be `[f32; M::ARENA]`, which stable
/// Rust wants to see written out where the types are concrete, and so must the length of the optimiser's state.
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
/// trainer.init(Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3)));
///
/// let window = [[0.1; 6]; 16];
/// for _ in 0..20 {
///     trainer.accumulate(&window, &3, 1.0)?;
///     trainer.step();
/// }
/// assert!(trainer.evaluate(&window, &3)?.loss < 1.0);
/// # Ok::<(), trainlet::nn::loss::InvalidTarget>(())
/// ```
pub struct Trainer<M: Model, L: Loss<M::Output>, O: Optimizer, A> {
    /// The trained weights.
    pub weights: M,
    pub(crate) optimizer: O,
    /// The gradient of the weights that are trained, then activations.
    pub(super) arena: A,
    pub(super) settings: Settings<L>,
    /// Largest norm of a gradient.
    clip: Option<f32>,
    pub(super) counters: Counters,
}

pub(super) struct Counters {
    pub(super) steps: u32,
    skipped: u32,
    pub(super) samples: u32,
    /// The memory of the gradient holds weights.
    pub(super) incoming: bool,
}

impl Counters {
    const ZERO: Self = Self { steps: 0, skipped: 0, samples: 0, incoming: false };
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
            settings: Settings::zero(L::ZERO),
            clip: None,
            counters: Counters::ZERO,
        }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = Budget::of_trainer::<M, O>(M::TRAINABLE, size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    #[inline(never)]
    pub fn init<G: Clipping>(&mut self, config: Config<L, O::Config, G>) {
        let seed = config.seed;
        self.restart(config);
        self.weights.init(Key::new(seed, Purpose::Init));
    }

    /// Starts a run from the weights as they are, and forgets everything else: moments, steps, samples that wait.
    #[inline(never)]
    pub fn restart<G: Clipping>(&mut self, config: Config<L, O::Config, G>) {
        let optimizer;
        (optimizer, self.clip) = self.settings.set(config);
        self.counters = Counters::ZERO;
        self.optimizer.init(optimizer);
        self.zero_grad();
    }

    /// Adds a sample to the gradient of the next step and returns its loss. `weight` is its part of the step's loss:
    /// 1 / (number of samples in the batch).
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the step.
    #[inline(never)]
    pub fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        if self.counters.incoming {
            self.zero_grad();
        }
        let Self { weights, optimizer, arena, settings, counters, .. } = self;
        let (gradient, activations) = cut::<M, A>(arena);
        let watch = optimizer.counters();
        let mut pass = settings.pass(counters.steps, counters.samples, M::COST.depth).with_counters(&watch);
        let (mut output, mut doutput) = (M::Output::ZERO, M::Output::ZERO);
        weights.forward(input, &mut output, activations, &pass);
        let loss = settings.loss.evaluate(&output, target, &mut doutput)?;
        for d in doutput.flat_mut() {
            *d *= weight;
        }
        // What is worked out a second time has been counted.
        pass.without_counters();
        weights.backward(gradient, input, &doutput, activations, &pass);
        counters.samples += 1;
        Ok(loss)
    }

    /// Changes the weights by the gradient of the samples since the last step, then forgets it. A gradient that is
    /// not finite changes nothing and is counted in [`skipped`](Self::skipped).
    #[inline(never)]
    pub fn step(&mut self) -> StepReport {
        let has_samples = self.counters.samples > 0;
        let report = self.update();
        if has_samples {
            self.zero_grad();
        }
        report
    }

    /// What [`step`](Self::step) does, but for the gradient, which stays.
    pub(super) fn update(&mut self) -> StepReport {
        let Self { weights, optimizer, arena, settings, clip, counters } = self;
        let (gradient, _) = cut::<M, A>(arena);
        let lr = settings.schedule.lr(counters.steps);
        let grad_norm = grad_norm(gradient);
        let has_samples = counters.samples > 0;
        let applied = has_samples && grad_norm.is_finite();
        if applied {
            let scale = clip.map_or(1.0, |most| clip_scale(grad_norm, most));
            let (index, key) = (counters.steps, settings.rounding(counters.steps));
            optimizer.step(weights, gradient, &Step { lr, scale, key, index, grad_norm: Some(grad_norm) });
        } else if has_samples {
            optimizer.skip(weights, gradient);
        }
        if has_samples {
            counters.steps += 1;
            counters.skipped += u32::from(!applied);
            counters.samples = 0;
        }
        StepReport { lr, grad_norm, applied }
    }

    /// Forgets the samples since the last step.
    pub fn zero_grad(&mut self) {
        fill(cut::<M, A>(&mut self.arena).0, 0.0);
        self.counters.samples = 0;
        self.counters.incoming = false;
    }

    /// Room for other values of the weights that are trained, in the order of the walk, to come in part by part as over a
    /// slow line: the memory of the gradient. `None` while samples wait for a step. The next sample takes the room back,
    /// and what has come is lost unless [`adopt`](Self::adopt) came first.
    pub fn incoming(&mut self) -> Option<&mut [f32]> {
        if self.counters.samples > 0 {
            return None;
        }
        self.counters.incoming = true;
        Some(cut::<M, A>(&mut self.arena).0)
    }

    /// Memory that is free between the calls of this trainer, that of activations, for whatever is needed only then, such as
    /// messages on a line. Calls that look at a sample overwrite it; beside it, what [`incoming`](Self::incoming) gives.
    pub fn idle(&mut self) -> (&mut [f32], Option<&mut [f32]>) {
        let samples = self.counters.samples;
        let (incoming, idle) = cut::<M, A>(&mut self.arena);
        (idle, (samples == 0).then_some(incoming))
    }

    /// The same, to be looked at.
    pub fn idle_contents(&self) -> &[f32] {
        self.arena.flat().get(M::TRAINABLE..).unwrap_or_default()
    }

    /// Replaces the weights, all at once, by those that have come into [`incoming`](Self::incoming); without any it
    /// does nothing. Moments, counters and settings stay.
    pub fn adopt(&mut self) {
        if self.counters.incoming {
            let (incoming, _) = cut::<M, A>(&mut self.arena);
            self.weights.walk_trained(&mut |_, weights, first| {
                if let Some(incoming) = incoming.get(first..first + weights.len()) {
                    weights.copy_from_slice(incoming);
                }
            });
            self.zero_grad();
        }
    }

    /// Begins to look for the eigenvalues of the loss's Hessian at the weights. The samples since the last step, or what has
    /// come into [`incoming`](Self::incoming), are forgotten.
    pub fn probe<'a, V: Tensor>(
        &'a mut self,
        lanczos: &'a mut Lanczos<V>,
        config: LanczosConfig,
    ) -> Probe<'a, M, L, V> {
        self.zero_grad();
        let Self { weights, arena, settings, .. } = self;
        lanczos.probe(config, weights, cut::<M, A>(arena), &settings.loss)
    }

    /// The outputs for a sample, without dropout and stochastic depth; by the average of the weights where the optimiser
    /// keeps one.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.swap_average();
        self.weights.infer(input, &mut output, cut::<M, A>(&mut self.arena).1);
        self.swap_average();
        output
    }

    /// The weights and the average that the optimiser keeps of them change places, as at the end of a run; a second call
    /// undoes it. Without an average it does nothing.
    pub fn swap_average(&mut self) {
        swap(&mut self.weights, self.optimizer.average());
    }

    /// Outputs and their loss.
    pub(super) fn judge(&self, output: M::Output, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        Evaluation::of(&self.settings.loss, output, target)
    }

    /// The weights and the memory of their gradient, for whoever moves them between passes.
    pub(super) fn parts(&mut self) -> (&mut M, &mut [f32]) {
        (&mut self.weights, cut::<M, A>(&mut self.arena).0)
    }

    /// The outputs for a sample and their loss, without dropout and stochastic depth.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        let output = self.predict(input);
        self.judge(output, target)
    }

    /// The gradient of the samples since the last step, in the order of the walk; after [`incoming`](Self::incoming), what
    /// has come instead.
    pub fn gradient(&self) -> &[f32] {
        self.arena.flat().get(..M::TRAINABLE).unwrap_or_default()
    }

    /// Number of steps since [`init`](Self::init), skipped ones included.
    pub fn steps(&self) -> u32 {
        self.counters.steps
    }

    /// Number of samples since the last step.
    pub fn samples(&self) -> u32 {
        self.counters.samples
    }

    /// Number of steps that were left out because their gradient was not finite.
    pub fn skipped(&self) -> u32 {
        self.counters.skipped
    }
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Learner for Trainer<M, L, O, A> {
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
        self.swap_average();
        self.weights.read(visit);
        self.swap_average();
        Ok(())
    }

    fn progress(&mut self) -> Result<Progress, InvalidTarget> {
        let Counters { steps, samples, skipped, .. } = self.counters;
        Ok(Progress { steps, samples, skipped })
    }
}

/// Gradient and activations.
pub(super) fn cut<M: Model, A: Tensor>(arena: &mut A) -> (&mut [f32], &mut [f32]) {
    arena.flat_mut().split_at_mut_checked(M::TRAINABLE).unwrap_or_default()
}
