//! Steps by the gradient at a perturbed point: sharpness-aware minimisation.

mod ascent;
mod error;
mod largest;
mod learner;
mod mask;
mod single_step;
mod sparse;
mod sparsity;

pub use ascent::Ascent;
pub use error::SamError;
pub(crate) use mask::Bits;
pub use mask::{Mask, NoMask};
pub use single_step::SingleStep;
pub use sparse::{Dynamic, DynamicConfig, Fisher, TopK};
pub use sparsity::Sparsity;

use super::config::Config;
use super::report::{Evaluation, StepReport};
use super::trainer::{Memory, Trainer};
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::{OutOfRange, Settings};
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::Optimizer;

/// Sharpness-aware minimisation (SAM; Foret et al. 2021): each step takes the gradient not at the weights, but at a perturbed
/// point, where the loss of the same samples is worst nearby. It costs a second pass over the samples and a copy of the
/// weights.
///
/// The samples of a step are accumulated, [`perturb`](Self::perturb) moves the weights, the same samples are accumulated again,
/// with the same dropout, and [`step`](Self::step) restores the weights, bit for bit, and makes the optimiser's step.
/// Clipping applies to the second gradient only. [`train_step`](super::train_step) does all of it.
///
/// `M`, `L`, `O` and `A` are those of [`Trainer`]; `K` holds the weights to be restored, `[f32; Net::TRAINABLE]`. With a mask
/// `S` only some weights are moved (sparse SAM; Mi et al. 2022), and `K` need only be as long as their number; [`TopK`],
/// [`Dynamic`] and [`Fisher`] choose them. [`SingleStep`] needs only one pass.
///
/// ```
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::train::{Ascent, Config, Sam};
///
/// type WatchTrainer = Sam<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA], [f32; Net::TRAINABLE]>;
///
/// let mut trainer = WatchTrainer::ZERO;
/// let config = Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3));
/// trainer.init(config, Ascent::sam(0.05), ())?;
/// let batch = [([[0.1; 6]; 16], 3), ([[-0.2; 6]; 16], 1)];
/// for _ in 0..20 {
///     for (window, class) in &batch {
///         trainer.accumulate(window, class, 0.5)?;
///     }
///     trainer.perturb()?;
///     for (window, class) in &batch {
///         trainer.accumulate(window, class, 0.5)?;
///     }
///     assert!(trainer.step()?.applied);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sam<M: Model, L: Loss<M::Output>, O: Optimizer, A, K, S = NoMask> {
    trainer: Trainer<M, L, O, A>,
    /// The weights to be restored, of those that are perturbed.
    origin: K,
    mask: S,
    ascent: Ascent,
    /// Samples of the first pass, once it has ended.
    perturbed: u32,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor, K: Tensor, S: Mask> Sam<M, L, O, A, K, S> {
    /// All zeros, for a `static` in `.bss`. Call [`init`](Self::init) before anything else.
    pub const ZERO: Self = {
        assert!(S::CAPACITY >= M::TRAINABLE, "the mask has too few bits: write `[u32; Net::TRAINABLE.div_ceil(32)]`");
        assert!(K::LEN <= M::TRAINABLE, "the copy is longer than what is trained: `[f32; Net::TRAINABLE]` is the most");
        assert!(
            !S::WHOLE || K::LEN == M::TRAINABLE,
            "the copy has another length than is needed without a mask, or by Fisher: write `[f32; Net::TRAINABLE]`"
        );
        Self { trainer: Trainer::ZERO, origin: K::ZERO, mask: S::ZERO, ascent: Ascent::ZERO, perturbed: 0 }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = Trainer::<M, L, O, A>::BUDGET.with_copies(size_of::<K>() + S::BYTES, size_of::<Self>());

    /// Starts a run: draws the weights from the seed and forgets everything else.
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn init<const CLIPPED: bool>(
        &mut self,
        config: Config<L, O::Config, CLIPPED>,
        ascent: Ascent,
        mask: S::Config,
    ) -> Result<(), OutOfRange> {
        let key = Key::new(config.seed, Purpose::Perturbation);
        ascent.check()?;
        mask.check()?;
        self.trainer.init(config)?;
        (self.ascent, self.perturbed) = (ascent, 0);
        self.mask.init(mask, M::TRAINABLE, K::LEN, key);
        Ok(())
    }

    /// Multiplies the learning rate of all later steps, as after a loss that exploded.
    ///
    /// # Errors
    /// It would be out of its range; nothing has changed then.
    pub fn scale_rate(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.trainer.scale_rate(factor)
    }

    /// Shows all that the run needs to go on to `archive`: what [`Trainer::persist`] shows, the perturbation's settings and the mask.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.refuse_waiting(self.perturbed > 0);
        self.trainer.persist(archive);
        archive.part("sam");
        self.ascent.visit(archive);
        self.mask.persist(archive);
        if archive.replaces() {
            self.perturbed = 0;
        }
    }

    /// Adds a sample to the gradient of the current pass, as [`Trainer::accumulate`] does.
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the pass.
    pub fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        self.trainer.accumulate(input, target, weight)
    }

    /// Ends the first pass: moves the weights to the perturbed point, where the second pass takes the same samples, and returns
    /// the norm of the first gradient. If that is not finite, the weights are not moved, and the step will be skipped.
    ///
    /// # Errors
    /// [`SamError::NoSamples`] without a sample, [`SamError::AlreadyPerturbed`] a second time; nothing has changed then.
    #[inline(never)]
    pub fn perturb(&mut self) -> Result<f32, SamError> {
        let samples = self.trainer.samples();
        if self.perturbed > 0 {
            return Err(SamError::AlreadyPerturbed);
        }
        if samples == 0 {
            return Err(SamError::NoSamples);
        }
        let step = self.trainer.steps();
        self.trainer.mark_empty();
        let Memory { weights, gradient, .. } = self.trainer.memory();
        let (norm, moved) = self.ascent.perturb(weights, gradient, self.origin.flat_mut(), &mut self.mask, step);
        self.trainer.zero_grad();
        if !moved && let Some(first) = self.trainer.memory().gradient.first_mut() {
            // Whatever the second pass adds: the step is by a gradient that is not finite, as it would be without the first.
            *first = f32::NAN;
        }
        self.perturbed = samples;
        Ok(norm)
    }

    /// Ends the second pass: restores the weights and changes them by the gradient of the second pass, as
    /// [`Trainer::step`] does.
    ///
    /// # Errors
    /// [`SamError::NotPerturbed`] without [`perturb`](Self::perturb), [`SamError::OtherSamples`] unless the second pass has as many
    /// samples as the first. Nothing has changed then: continue, or start the step again with [`zero_grad`](Self::zero_grad).
    #[inline(never)]
    pub fn step(&mut self) -> Result<StepReport, SamError> {
        let (first, second) = (self.perturbed, self.trainer.samples());
        if first == 0 {
            return Err(SamError::NotPerturbed);
        }
        if first != second {
            return Err(SamError::OtherSamples { first, second });
        }
        self.swap_weights();
        self.perturbed = 0;
        Ok(self.trainer.step())
    }

    /// Forgets the samples since the last step, and the perturbation: the weights are those after that step.
    pub fn zero_grad(&mut self) {
        self.swap_weights();
        self.perturbed = 0;
        self.trainer.zero_grad();
    }

    /// Swaps the perturbed weights with those to be restored; only between perturbation and step.
    fn swap_weights(&mut self) {
        if self.perturbed > 0 {
            ascent::swap_weights(self.trainer.memory().weights, self.origin.flat_mut(), &self.mask);
        }
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

    /// The trained weights; between perturbation and step, the weights of the perturbed point.
    pub fn weights(&self) -> &M {
        &self.trainer.weights
    }

    /// The weights, to be changed; forgets the samples since the last step.
    pub fn weights_mut(&mut self) -> &mut M {
        self.zero_grad();
        &mut self.trainer.weights
    }

    /// [`Trainer::swap_average`]; forgets the samples since the last step.
    pub fn swap_average(&mut self) {
        self.zero_grad();
        self.trainer.swap_average();
    }

    /// Number of steps since [`init`](Self::init), skipped ones included.
    pub fn steps(&self) -> u32 {
        self.trainer.steps()
    }

    /// Number of samples in the current pass.
    pub fn samples(&self) -> u32 {
        self.trainer.samples()
    }

    /// Number of steps that were not made, or not for every weight, because the gradient or what follows from it was not
    /// finite.
    pub fn skipped(&self) -> u32 {
        self.trainer.skipped()
    }

    /// [`Trainer::refused`], of both passes.
    pub fn refused(&self) -> u32 {
        self.trainer.refused()
    }

    /// The gradient of the current pass, in the order of the walk.
    pub fn gradient(&self) -> &[f32] {
        self.trainer.gradient()
    }

    /// Adds the squared gradient of a sample to the Fisher information from which [`select`](Self::select) chooses the
    /// weights to be moved. It is kept where a perturbation keeps the weights: between a step and the next sample's
    /// accumulation. With masks other than [`Fisher`] it does nothing.
    ///
    /// # Errors
    /// [`InvalidTarget`]
    pub fn observe(&mut self, input: &M::Input, target: &L::Target) -> Result<(), InvalidTarget> {
        if S::OBSERVES {
            self.zero_grad();
            self.trainer.accumulate(input, target, 1.0)?;
            self.mask.observe(self.origin.flat_mut(), self.trainer.memory().gradient);
            self.trainer.zero_grad();
        }
        Ok(())
    }

    /// Chooses the weights that have the most Fisher information by what has been observed since the last time. Without an
    /// observation it does nothing.
    pub fn select(&mut self) {
        self.mask.select(self.origin.flat());
    }
}
