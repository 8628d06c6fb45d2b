//! Training: a trainer is one value that holds weights, gradient, optimiser state and activations, and fits a `static`.
//!
//! [`Trainer`] accumulates the gradient of a batch; [`Online`] changes the weights with every sample and needs no room for a
//! gradient; [`Sam`] and [`SingleStep`] take the gradient at a perturbed point; [`Predictor`] only predicts. [`Learner`] is what
//! those that train have in common, and [`train_step`] makes a step with any of them. [`limit_delta`] limits what leaves a device.

mod average;
mod batch;
mod budget;
mod checks;
mod config;
mod delta;
mod learner;
mod online;
mod predictor;
mod report;
mod sam;
mod trainer;

pub use config::{Clip, Config};
pub use delta::{Delta, limit_delta};
pub use learner::{Learner, observe_samples, train_step, train_step_with};
pub use online::{Online, OnlineReport};
pub use predictor::Predictor;
pub use report::{Evaluation, Progress, StepReport};
pub(crate) use sam::Bits;
pub use sam::{Ascent, Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sam, SamError, SingleStep, Sparsity, TopK};
pub(crate) use trainer::Memory;
pub use trainer::{InPieces, Trainer};
