//! The trainer: weights, gradients, optimiser state and arena in one value that fits a `static`.

use crate::budget::Budget;
use crate::layer::{Dropout, StochasticDepth};
use crate::loss::{InvalidTarget, Loss};
use crate::net::Model;
use crate::optim::{Optimizer, Schedule, Shape, Step, clip_scale, grad_norm};
use crate::pass::Pass;
use crate::rng::{Key, Purpose};
use crate::tensor::Tensor;

/// Trains a model in place. `M` is the model, `L` its loss, `O` the optimiser; `ARENA` must be `M::ARENA`, which stable
/// Rust wants to see written out where the types are concrete.
///
/// ```
/// use trainlet::loss::CrossEntropy;
/// use trainlet::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::train::{Config, Trainer};
///
/// type WatchTrainer = Trainer<Net, CrossEntropy, Adam<Net>, { Net::ARENA }>;
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
/// # Ok::<(), trainlet::loss::InvalidTarget>(())
/// ```
pub struct Trainer<M: Model, L: Loss<M::Output>, O: Optimizer<M>, const ARENA: usize> {
    /// What is learnt.
    pub weights: M,
    gradients: M,
    optimizer: O,
    arena: [f32; ARENA],
    settings: Settings<L>,
    counters: Counters,
}

/// How a run goes: everything but the model and the data.
#[derive(Clone, Copy, Debug)]
pub struct Config<L, C> {
    /// Fixes every random number of the run.
    pub seed: u64,
    /// The loss and its settings.
    pub loss: L,
    /// The optimiser's settings.
    pub optimizer: C,
    /// The learning rate of each step.
    pub schedule: Schedule,
    /// Largest L2 norm of the whole gradient; a larger one is scaled down to it.
    pub clip: Option<f32>,
    /// Dropout after each activation and each branch.
    pub dropout: Dropout,
    /// Rate of the last block; the others' rise to it linearly.
    pub stochastic_depth: StochasticDepth,
}

impl<L, C> Config<L, C> {
    /// Without clipping, dropout and stochastic depth.
    pub const fn new(seed: u64, loss: L, optimizer: C, schedule: Schedule) -> Self {
        let (dropout, stochastic_depth) = (Dropout { p: 0.0 }, StochasticDepth { p: 0.0 });
        Self { seed, loss, optimizer, schedule, clip: None, dropout, stochastic_depth }
    }
}

/// The part of [`Config`] that the trainer itself keeps.
struct Settings<L> {
    seed: u64,
    loss: L,
    schedule: Schedule,
    clip: Option<f32>,
    dropout: Dropout,
    stochastic_depth: StochasticDepth,
}

struct Counters {
    steps: u32,
    skipped: u32,
    samples: u32,
    /// The memory of the gradient holds weights.
    incoming: bool,
}

impl Counters {
    const ZERO: Self = Self { steps: 0, skipped: 0, samples: 0, incoming: false };
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StepReport {
    /// The learning rate.
    pub lr: f32,
    /// L2 norm of the gradient before clipping.
    pub grad_norm: f32,
    /// Whether the weights were changed: not without a sample since the last step, nor by a gradient that is not
    /// finite.
    pub applied: bool,
}

/// The outputs for a sample and their loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation<O> {
    /// The loss.
    pub loss: f32,
    /// Logits or values.
    pub output: O,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer<M>, const ARENA: usize> Trainer<M, L, O, ARENA> {
    /// All zeros, for a `static` in `.bss`. Call [`init`](Self::init) before anything else.
    pub const ZERO: Self = {
        assert!(
            ARENA == M::ARENA,
            "the arena has another length than the model needs: write `Trainer<Net, .., {{ Net::ARENA }}>`"
        );
        assert!(M::INFER <= M::ARENA, "evaluation must not need more than training: a block's INFER is too large");
        Self {
            weights: M::ZERO,
            gradients: M::ZERO,
            optimizer: O::ZERO,
            arena: [0.0; ARENA],
            settings: Settings {
                seed: 0,
                loss: L::ZERO,
                schedule: Schedule { lr: 0.0, warmup: 0, shape: Shape::Constant },
                clip: None,
                dropout: Dropout { p: 0.0 },
                stochastic_depth: StochasticDepth { p: 0.0 },
            },
            counters: Counters::ZERO,
        }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = Budget::of_trainer::<M, O>(size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    pub fn init(&mut self, config: Config<L, O::Config>) {
        let Config { seed, loss, optimizer, schedule, clip, dropout, stochastic_depth } = config;
        self.settings = Settings { seed, loss, schedule, clip, dropout, stochastic_depth };
        self.counters = Counters::ZERO;
        self.optimizer.init(optimizer);
        self.gradients.zero();
        self.weights.init(Key::new(seed, Purpose::Init));
    }

    /// Adds a sample to the gradient of the next step and returns its loss. `share` is its part of the step's loss:
    /// 1 / (number of samples in the batch).
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the step.
    pub fn accumulate(&mut self, input: &M::Input, target: &L::Target, share: f32) -> Result<f32, InvalidTarget> {
        if self.counters.incoming {
            self.zero_grad();
        }
        let pass = self.pass();
        let (mut output, mut gradient) = (M::Output::ZERO, M::Output::ZERO);
        self.weights.forward(input, &mut output, &mut self.arena, &pass);
        let loss = self.settings.loss.evaluate(&output, target, &mut gradient)?;
        for g in gradient.flat_mut() {
            *g *= share;
        }
        self.weights.backward(&mut self.gradients, input, &gradient, &mut self.arena, &pass);
        self.counters.samples += 1;
        Ok(loss)
    }

    /// Changes the weights by the gradient of the samples since the last step, then forgets it. A gradient that is
    /// not finite changes nothing and is counted in [`skipped`](Self::skipped).
    pub fn step(&mut self) -> StepReport {
        let lr = self.settings.schedule.lr(self.counters.steps);
        let grad_norm = grad_norm(&self.gradients);
        let has_samples = self.counters.samples > 0;
        let applied = has_samples && grad_norm.is_finite();
        if applied {
            let scale = self.settings.clip.map_or(1.0, |most| clip_scale(grad_norm, most));
            self.optimizer.step(&mut self.weights, &mut self.gradients, Step { lr, scale });
        }
        if has_samples {
            self.counters.steps += 1;
            self.counters.skipped += u32::from(!applied);
            self.zero_grad();
        }
        StepReport { lr, grad_norm, applied }
    }

    /// Forgets the samples since the last step.
    pub fn zero_grad(&mut self) {
        self.gradients.zero();
        self.counters.samples = 0;
        self.counters.incoming = false;
    }

    /// Room for other weights to come in part by part, as over a slow line: the memory of the gradient. `None` while
    /// samples wait for a step. The next sample takes the room back, and what has come is lost unless
    /// [`adopt`](Self::adopt) came first.
    pub fn incoming(&mut self) -> Option<&mut M> {
        if self.counters.samples > 0 {
            return None;
        }
        self.counters.incoming = true;
        Some(&mut self.gradients)
    }

    /// Replaces the weights, all at once, by those that have come into [`incoming`](Self::incoming); without any it
    /// does nothing. Moments, counters and settings stay.
    pub fn adopt(&mut self) {
        if self.counters.incoming {
            M::walk([&mut self.weights, &mut self.gradients], &mut |_, [weights, incoming]| {
                weights.copy_from_slice(incoming);
            });
            self.zero_grad();
        }
    }

    /// The outputs for a sample, without dropout and stochastic depth.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.weights.infer(input, &mut output, &mut self.arena);
        output
    }

    /// The outputs for a sample and their loss, without dropout and stochastic depth.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        let output = self.predict(input);
        let mut gradient = M::Output::ZERO;
        let loss = self.settings.loss.evaluate(&output, target, &mut gradient)?;
        Ok(Evaluation { loss, output })
    }

    /// The gradient of the samples since the last step; after [`incoming`](Self::incoming), what has come instead.
    pub fn gradients(&self) -> &M {
        &self.gradients
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

    fn pass(&self) -> Pass {
        let Settings { seed, dropout, stochastic_depth, .. } = self.settings;
        let Counters { steps, samples, .. } = self.counters;
        let key = Key::new(seed, Purpose::Mask).child(u64::from(steps)).child(u64::from(samples));
        Pass::new(dropout, stochastic_depth, M::DEPTH as u32, key)
    }
}

/// Predicts with weights that somebody else owns, in flash for example, and an arena for evaluation only: `INFER`
/// must be `M::INFER`.
pub struct Predictor<'w, M: Model, const INFER: usize> {
    weights: &'w M,
    arena: [f32; INFER],
}

impl<'w, M: Model, const INFER: usize> Predictor<'w, M, INFER> {
    /// RAM by role, in bytes; the total is the size of this type. The weights are not in it: they may be in flash.
    pub const BUDGET: Budget = Budget::of_predictor::<M>(size_of::<Self>());

    /// With the given weights.
    pub const fn new(weights: &'w M) -> Self {
        const {
            assert!(
                INFER == M::INFER,
                "the arena has another length than the model needs: write `Predictor<Net, {{ Net::INFER }}>`"
            );
        }
        Self { weights, arena: [0.0; INFER] }
    }

    /// The outputs for a sample.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.weights.infer(input, &mut output, &mut self.arena);
        output
    }
}
