//! Losses: the value for one sample and its gradient with respect to the outputs.

mod bce;
pub mod classes;
mod cross_entropy;
mod mse;
mod open_cross_entropy;
mod task;

pub use bce::BceWithLogits;
pub use cross_entropy::CrossEntropy;
pub use mse::Mse;
pub use open_cross_entropy::OpenCrossEntropy;
pub use task::Task;

use core::fmt;

use crate::core::setting::Settings;

/// A loss of the outputs `O`. The loss of a batch is the mean over its samples.
pub trait Loss<O>: Copy + Settings {
    /// What a sample is compared with.
    type Target;
    /// All-zero settings, so that a static lands in `.bss`; to be replaced before use.
    const ZERO: Self;

    /// The loss of one sample; `gradient` becomes its derivative with respect to `output`.
    ///
    /// # Errors
    /// [`InvalidTarget`] when no loss is defined for the target; `gradient` is then unspecified.
    fn evaluate(&self, output: &O, target: &Self::Target, gradient: &mut O) -> Result<f32, InvalidTarget>;
}

/// A loss of labels that come as numbers, from a table or over a line, whatever they mean.
pub trait Supervised<O>: Loss<O> {
    /// What a label is.
    const TASK: Task;

    /// The target for a label of [`Task::label_len`] numbers. Numbers that make no label give a target that
    /// [`evaluate`](Loss::evaluate) refuses.
    fn target(label: impl IntoIterator<Item = f32>) -> Self::Target;

    /// This loss with the options that are given.
    ///
    /// # Errors
    /// An option that losses of this kind do not have.
    fn with_options(self, options: LossOptions) -> Result<Self, NoSuchOption>;
}

/// What losses can be asked for, whatever their kind; `None` leaves a loss as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LossOptions {
    /// Of [`CrossEntropy`].
    pub label_smoothing: Option<f32>,
    /// Of [`BceWithLogits`], for all outputs alike.
    pub pos_weight: Option<f32>,
}

/// An option of another kind of loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NoSuchOption {
    /// Belongs to [`CrossEntropy`], a loss with one output per class.
    LabelSmoothing,
    /// Belongs to [`BceWithLogits`], a loss with a single output.
    PosWeight,
}

/// A target outside what the loss is defined for: a class that the model has no output for, or a value that is not
/// finite or, for a probability, outside `[0, 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidTarget;

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no loss is defined for this target: give a class below the number of outputs, \
             a probability in [0, 1] or a finite value",
        )
    }
}

impl core::error::Error for InvalidTarget {}
