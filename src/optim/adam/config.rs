//! Settings of Adam and AdamW.

use crate::core::archive::Archive;
use crate::core::params::{Leaf, Role};
use crate::core::setting::{Setting, Settings};

/// Hyper-parameters of [`Adam`](super::Adam).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdamConfig {
    /// Decay rates of the two moments, each in [0, 1).
    pub betas: [f32; 2],
    /// Keeps the divisor from 0; above 0. What is below 10⁻¹² after the bias correction counts as 9.1·10⁻¹³.
    pub eps: f32,
    /// How weights are pulled towards 0; at least 0.
    pub weight_decay: WeightDecay,
}

/// How [`Adam`](super::Adam) pulls weights towards 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum WeightDecay {
    /// Not at all.
    None,
    /// This much of the weight is added to its gradient and so passes through the moments; for every leaf, as in
    /// PyTorch's `Adam`.
    Coupled(f32),
    /// The weight loses this share of itself times the learning rate before the update (AdamW; Loshchilov and Hutter,
    /// 2019); for leaves of [`Role::Weight`] only, where PyTorch's `AdamW` left to itself decays biases and norms
    /// too.
    Decoupled(f32),
}

impl AdamConfig {
    /// PyTorch's defaults for `Adam`.
    pub const fn adam() -> Self {
        Self { betas: [0.9, 0.999], eps: 1e-8, weight_decay: WeightDecay::None }
    }

    /// AdamW, otherwise with PyTorch's defaults. PyTorch takes 0.01 for `weight_decay`.
    pub const fn adamw(weight_decay: f32) -> Self {
        Self { weight_decay: WeightDecay::Decoupled(weight_decay), ..Self::adam() }
    }
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self::adam()
    }
}

impl Settings for AdamConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.settings(Setting::Beta, &mut self.betas);
        archive.setting(Setting::Epsilon, &mut self.eps);
        let choices = [WeightDecay::None, WeightDecay::Coupled(0.0), WeightDecay::Decoupled(0.0)];
        archive.choice(&mut self.weight_decay, &choices, |choice, archive| match choice {
            WeightDecay::None => {}
            WeightDecay::Coupled(decay) | WeightDecay::Decoupled(decay) => archive.setting(Setting::WeightDecay, decay),
        });
    }
}

impl WeightDecay {
    /// The share of a weight that enters its gradient. A decay of 0 is none, to the last bit.
    pub(super) fn coupled(self) -> Option<f32> {
        if let Self::Coupled(decay) = self { Some(decay).filter(|decay| *decay != 0.0) } else { None }
    }

    /// Factor on a weight before the update.
    pub(super) fn shrink(self, leaf: &Leaf, lr: f32) -> f32 {
        if let Self::Decoupled(decay) = self { shrink(leaf, lr, decay) } else { 1.0 }
    }
}

/// Factor of decoupled decay on a weight before the update: leaves of [`Role::Weight`] alone decay.
pub(in crate::optim) fn shrink(leaf: &Leaf, lr: f32, decay: f32) -> f32 {
    if leaf.role == Role::Weight { 1.0 - lr * decay } else { 1.0 }
}
