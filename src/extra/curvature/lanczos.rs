//! The three vectors and the tridiagonal matrix of a Lanczos run.

use super::ritz::{MAX_STEPS, Spectrum};
use crate::core::archive::Archive;
use crate::core::params::Params;
use crate::core::params::flat::window_mut;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::{Setting, Settings};
use crate::core::sum::Sum;
use crate::core::tensor::Tensor;
use crate::kernels::arch::{add_scaled, copy, scaled, sqrt};
use crate::kernels::rows::dot;
use crate::optim::grad_norm;

/// Settings of a Lanczos run.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LanczosConfig {
    /// Steps, each with one product of the Hessian: 1 to [`MAX_STEPS`], and no more than there are weights. The extremes come
    /// first, the more outlying the sooner.
    pub steps: usize,
    /// λ of λ/2 ‖w‖² beside the loss: every eigenvalue is larger by it. At least 0.
    pub weight_decay: f32,
    /// Factor on the distance at which gradients are taken, above 0, usually 1. Where the loss is very sharp, an eigenvalue of hundreds,
    /// it bends within that distance; 0.05 to 0.1 is better there.
    pub reach: f32,
    /// Fixes the first direction.
    pub seed: u64,
}

impl Default for LanczosConfig {
    /// All steps, and no decay.
    fn default() -> Self {
        Self { steps: MAX_STEPS, weight_decay: 0.0, reach: 1.0, seed: 0 }
    }
}

impl Settings for LanczosConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::WeightDecay, &mut self.weight_decay);
        archive.setting(Setting::Reach, &mut self.reach);
    }
}

/// Memory of a run beside a trainer's; `V` must be `[f32; M::TRAINABLE]`. Three times the bytes of the weights that are trained,
/// and [`MAX_STEPS`] steps of the matrix.
///
/// ```
/// use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::{Schedule, Sgd, SgdConfig};
/// use trainlet::core::params::Params;
/// use trainlet::train::{Config, Trainer};
///
/// let mut trainer = Trainer::<Net, CrossEntropy, Sgd, [f32; Net::ARENA]>::ZERO;
/// trainer.init(Config::new(42, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(1e-3)))?;
/// let mut lanczos = Lanczos::<[f32; Net::TRAINABLE]>::ZERO;
///
/// let samples = [([[0.1; 6]; 16], 3), ([[-0.4; 6]; 16], 5)];
/// let mut probe = Probe::new(&mut trainer, &mut lanczos, LanczosConfig { steps: 6, ..LanczosConfig::default() })?;
/// while probe.needs_product() {
///     for (input, target) in &samples {
///         probe.add(input, target, 1.0 / samples.len() as f32)?;
///     }
///     probe.finish_product();
/// }
/// let spectrum = probe.spectrum();
/// assert!(spectrum.largest() > Some(1.0) && spectrum.smallest() < Some(0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Lanczos<V> {
    /// The weights that the Hessian is taken at.
    pub(super) home: V,
    /// Of length 1.
    pub(super) direction: V,
    previous: V,
    /// Of each step: the diagonal, and the value to the right of it and below.
    matrix: [(f32, f32); MAX_STEPS],
    done: u32,
    steps: u32,
    weight_decay: f32,
    /// How far the gradients' places lie from home.
    pub(super) radius: f32,
}

impl<V: Tensor> Lanczos<V> {
    /// All zeros, for a `static` in `.bss`.
    pub const ZERO: Self = Self {
        home: V::ZERO,
        direction: V::ZERO,
        previous: V::ZERO,
        matrix: [(0.0, 0.0); MAX_STEPS],
        done: 0,
        steps: 0,
        weight_decay: 0.0,
        radius: 0.0,
    };

    /// RAM in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// Remembers the weights, and draws a direction of values +1 and -1: one whose vᵀHv has the trace of H for its mean.
    pub(super) fn begin<M: Params>(&mut self, weights: &mut M, config: LanczosConfig) {
        const { assert!(V::LEN > 0, "there is nothing to train, so nothing curves") };
        let Self { home, direction, previous, .. } = self;
        let home = home.flat_mut();
        weights.walk_trained(&mut |_, weights, first| {
            copy(window_mut(home, first, weights.len()), weights);
        });
        let mut random = Key::new(config.seed, Purpose::Direction).stream();
        let unit = 1.0 / sqrt(V::LEN as f32);
        for value in direction.flat_mut() {
            *value = if random.bits() >> 31 == 0 { unit } else { -unit };
        }
        previous.flat_mut().fill(0.0);
        self.radius = config.reach * CUBE_ROOT_OF_EPSILON * (1.0 + grad_norm(home) * unit);
        self.weight_decay = config.weight_decay;
        (self.done, self.steps) = (0, config.steps.min(MAX_STEPS).min(V::LEN) as u32);
    }

    /// Whether another product is needed.
    pub(super) fn needs_product(&self) -> bool {
        self.done < self.steps
    }

    /// Takes the difference of gradients along the direction: a step.
    pub(super) fn advance(&mut self, difference: &mut [f32]) {
        if !self.needs_product() {
            return;
        }
        let Self { direction, previous, matrix, done, .. } = self;
        let (direction, previous) = (direction.flat_mut(), previous.flat_mut());
        let factor = 1.0 / (2.0 * self.radius);
        difference.iter_mut().for_each(|d| *d *= factor);
        add_scaled(difference, direction, self.weight_decay);
        let before = done.checked_sub(1).and_then(|last| matrix.get(last as usize)).map_or(0.0, |(_, beside)| *beside);
        add_scaled(difference, previous, -before);
        let diagonal = inner_product(difference, direction);
        add_scaled(difference, direction, -diagonal);
        let beside = grad_norm(difference);
        if !diagonal.is_finite() || !beside.is_finite() {
            // The loss has no curvature here; what was found before stays.
            self.steps = *done;
            return;
        }
        if let Some(entry) = matrix.get_mut(*done as usize) {
            *entry = (diagonal, beside);
        }
        *done += 1;
        if beside <= NOTHING * (diagonal.abs() + before) {
            // The directions so far span all there is; the rest is rounding.
            self.steps = *done;
            return;
        }
        copy(previous, direction);
        scaled(direction, difference, 1.0 / beside);
    }

    /// What the steps so far have found.
    pub fn spectrum(&self) -> Spectrum {
        Spectrum::of_tridiagonal(self.matrix.iter().take(self.done as usize).copied())
    }
}

/// ε^(1/3) for ε = 2^-23, at which the error of a central difference and that of rounding balance.
const CUBE_ROOT_OF_EPSILON: f32 = 4.921_566_6e-3;
/// Share of a product below which it is rounding alone.
const NOTHING: f32 = 1e-6;

/// Values that are added up without compensation.
const BLOCK: usize = 512;

fn inner_product(a: &[f32], b: &[f32]) -> f32 {
    let mut total = Sum::ZERO;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        total.add(dot(a, b));
    }
    total.value()
}
