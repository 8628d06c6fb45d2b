//! Settings of a run.

use crate::core::archive::Archive;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::{OutOfRange, Setting, Settings, checked};
use crate::nn::layer::{Dropout, StochasticDepth};
use crate::nn::pass::Pass;
use crate::optim::{LrShape, Schedule};

/// Settings of a run: everything but the model and the data. A trainer refuses values [out of their ranges](Self::check) when a run
/// starts.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Config<L, C, const CLIPPED: bool = false> {
    /// Determines every random number of the run.
    pub seed: u64,
    /// The loss and its settings.
    pub loss: L,
    /// The optimiser's settings.
    pub optimizer: C,
    /// The learning rate of each step.
    pub schedule: Schedule,
    /// Largest L2 norm of the whole gradient.
    pub clip: Clip<CLIPPED>,
    /// Dropout after each activation and each branch.
    pub dropout: Dropout,
    /// Rate of the last block; the others' rise to it linearly.
    pub stochastic_depth: StochasticDepth,
}

impl<L, C> Config<L, C> {
    /// Without clipping, dropout and stochastic depth.
    pub const fn new(seed: u64, loss: L, optimizer: C, schedule: Schedule) -> Self {
        let (dropout, stochastic_depth) = (Dropout { p: 0.0 }, StochasticDepth { p: 0.0 });
        Self { seed, loss, optimizer, schedule, clip: Clip::NONE, dropout, stochastic_depth }
    }
}

impl<L, C, const CLIPPED: bool> Config<L, C, CLIPPED> {
    /// The same with clipping at an `f32`, or at an `Option<f32>` where that is decided at run time.
    pub fn clipped(self, limit: impl Into<Clip<true>>) -> Config<L, C, true> {
        self.with_clip(limit.into())
    }

    /// The same without clipping.
    pub fn unclipped(self) -> Config<L, C> {
        self.with_clip(Clip::NONE)
    }

    fn with_clip<const OTHER: bool>(self, clip: Clip<OTHER>) -> Config<L, C, OTHER> {
        let Self { seed, loss, optimizer, schedule, dropout, stochastic_depth, .. } = self;
        Config { seed, loss, optimizer, schedule, clip, dropout, stochastic_depth }
    }

    /// The same for another optimiser, whose settings are made from the present ones: what wraps an optimiser adds its own.
    pub fn with_optimizer<D>(self, settings: impl FnOnce(C) -> D) -> Config<L, D, CLIPPED> {
        let Self { seed, loss, optimizer, schedule, clip, dropout, stochastic_depth } = self;
        Config { seed, loss, optimizer: settings(optimizer), schedule, clip, dropout, stochastic_depth }
    }
}

impl<L: Settings + Copy, C: Settings + Copy, const CLIPPED: bool> Config<L, C, CLIPPED> {
    /// Looks at each value.
    ///
    /// # Errors
    /// The first that is not in its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let Self { mut loss, mut optimizer, mut schedule, clip, mut dropout, mut stochastic_depth, .. } = *self;
        checked(|archive| {
            loss.visit(archive);
            optimizer.visit(archive);
            schedule.visit(archive);
            if let Some(mut limit) = clip.0 {
                archive.setting(Setting::Clip, &mut limit);
            }
            dropout.visit(archive);
            stochastic_depth.visit(archive);
        })
    }
}

/// Largest L2 norm of the whole gradient, above 0, to which a larger one is scaled down. What is not `CLIPPED` never has one: an online
/// trainer does not know the whole gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip<const CLIPPED: bool>(Option<f32>);

#[cfg(feature = "serde")]
impl<const CLIPPED: bool> serde::Serialize for Clip<CLIPPED> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A limit for what never has one is refused.
#[cfg(feature = "serde")]
impl<'de, const CLIPPED: bool> serde::Deserialize<'de> for Clip<CLIPPED> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::deserialize(deserializer)? {
            Some(_) if !CLIPPED => Err(serde::de::Error::custom("this trainer does not clip: leave the limit out")),
            limit => Ok(Self(limit)),
        }
    }
}

impl Clip<false> {
    /// No clipping.
    pub const NONE: Self = Self(None);
}

impl From<f32> for Clip<true> {
    fn from(limit: f32) -> Self {
        Self(Some(limit))
    }
}

impl From<Option<f32>> for Clip<true> {
    fn from(limit: Option<f32>) -> Self {
        Self(limit)
    }
}

/// Shows the largest norm of a gradient.
pub fn persist_clip(limit: &mut Option<f32>, archive: &mut Archive) {
    archive.option(limit, 1.0, |limit, archive| archive.setting(Setting::Clip, limit));
}

/// The part of [`Config`] that every trainer keeps.
pub struct KeptConfig<L> {
    pub seed: u64,
    pub loss: L,
    pub schedule: Schedule,
    pub dropout: Dropout,
    pub stochastic_depth: StochasticDepth,
}

impl<L> KeptConfig<L> {
    /// All-zero bits around the loss's own.
    pub const fn zero(loss: L) -> Self {
        Self {
            seed: 0,
            loss,
            schedule: Schedule { lr: 0.0, warmup: 0, shape: LrShape::Constant },
            dropout: Dropout { p: 0.0 },
            stochastic_depth: StochasticDepth { p: 0.0 },
        }
    }

    /// Shows all of it.
    pub fn persist(&mut self, archive: &mut Archive)
    where
        L: Settings,
    {
        archive.long(&mut self.seed);
        self.loss.visit(archive);
        self.schedule.visit(archive);
        self.dropout.visit(archive);
        self.stochastic_depth.visit(archive);
    }

    /// Multiplies the learning rate of all later steps.
    ///
    /// # Errors
    /// It would be out of its range; nothing has changed then.
    pub fn scale_rate(&mut self, factor: f32) -> Result<(), OutOfRange> {
        let scaled = self.schedule.scaled(factor);
        scaled.check()?;
        self.schedule = scaled;
        Ok(())
    }

    /// Takes over what is to be kept, and gives the rest: the optimiser's part, and the largest norm of a gradient.
    pub fn set<C, const CLIPPED: bool>(&mut self, config: Config<L, C, CLIPPED>) -> (C, Option<f32>) {
        let Config { seed, loss, optimizer, schedule, clip, dropout, stochastic_depth } = config;
        *self = Self { seed, loss, schedule, dropout, stochastic_depth };
        (optimizer, clip.0)
    }

    /// The pass of sample number `sample` of step number `step` through `depth` blocks.
    pub fn pass(&self, step: u32, sample: u32, depth: usize) -> Pass<'static> {
        self.step_pass(step, depth).child(u64::from(sample))
    }

    /// What the passes of the samples of a step are children of.
    pub fn step_pass(&self, step: u32, depth: usize) -> Pass<'static> {
        let key = Key::new(self.seed, Purpose::Mask).child(u64::from(step));
        Pass::new(self.dropout, self.stochastic_depth, depth as u32, key)
    }

    /// Random numbers for the rounding in step number `step`.
    pub fn rounding(&self, step: u32) -> Key {
        Key::new(self.seed, Purpose::Rounding).child(u64::from(step))
    }
}
