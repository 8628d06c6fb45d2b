//! To the perturbed point, and back.

use super::mask::Mask;
use crate::core::archive::Archive;
use crate::core::params::Params;
use crate::core::params::flat::{window, window_mut};
use crate::core::setting::{Setting, Settings};
use crate::optim::grad_norm;

/// How far weights are moved along the gradient before the gradient that counts is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ascent {
    /// ρ, at least 0: the length of the perturbation; with a mask, at most that.
    pub rho: f32,
    /// Large weights go further (ASAM; Kwon et al. 2021): ε = ρ w²g/‖wg‖ instead of ρ g/‖g‖, so that scaling the weights of a
    /// layer up and those of the next one down makes no difference. It wants a ρ about ten times as large.
    pub adaptive: bool,
}

/// Keeps the divisor from 0.
const DELTA: f32 = 1e-12;

impl Settings for Ascent {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Rho, &mut self.rho);
        archive.flag(&mut self.adaptive);
    }
}

impl Ascent {
    pub(super) const ZERO: Self = Self { rho: 0.0, adaptive: false };

    /// SAM; 0.05 is usual.
    pub const fn sam(rho: f32) -> Self {
        Self { rho, adaptive: false }
    }

    /// ASAM; 0.5 is usual.
    pub const fn asam(rho: f32) -> Self {
        Self { rho, adaptive: true }
    }

    /// Keeps the weights that the mask names in `origin` and moves them by the gradient, which is used up. Gives its norm,
    /// that of all of it, whatever the mask, and whether the weights were moved: not unless all of this is finite.
    #[inline(never)]
    pub(super) fn perturb<M: Params>(
        self,
        weights: &mut M,
        gradient: &mut [f32],
        origin: &mut [f32],
        mask: &mut impl Mask,
        step: u32,
    ) -> (f32, bool) {
        let plain_norm = grad_norm(gradient);
        if plain_norm.is_finite() {
            mask.prepare(gradient, step);
        }
        let mut norm = plain_norm;
        if self.adaptive {
            scale_by_weights(weights, gradient);
            norm = grad_norm(gradient);
        }
        let scale = norm.is_finite().then_some(self.rho / (norm + DELTA));
        let mut origin = origin.iter_mut();
        weights.walk_trained(&mut |_, weights, first| {
            let gradient = window(gradient, first, weights.len());
            for (place, (w, g)) in weights.iter_mut().zip(gradient).enumerate() {
                // A mask names as many weights as there is room for.
                if mask.has(first + place)
                    && let Some(kept) = origin.next()
                {
                    *kept = *w;
                    if let Some(scale) = scale {
                        *w += if self.adaptive { scale * (*w * g) } else { scale * g };
                    }
                }
            }
        });
        (plain_norm, scale.is_some())
    }
}

/// `g = w g`
fn scale_by_weights<M: Params>(weights: &mut M, gradient: &mut [f32]) {
    weights.walk_trained(&mut |_, weights, first| {
        for (w, g) in weights.iter().zip(window_mut(gradient, first, weights.len())) {
            *g *= w;
        }
    });
}

/// Swaps the weights that the mask names with those that are kept.
#[inline(never)]
pub(super) fn swap_weights<M: Params>(weights: &mut M, origin: &mut [f32], mask: &impl Mask) {
    let mut origin = origin.iter_mut();
    weights.walk_trained(&mut |_, weights, first| {
        for (place, w) in weights.iter_mut().enumerate() {
            if mask.has(first + place)
                && let Some(kept) = origin.next()
            {
                core::mem::swap(w, kept);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Key;

    /// Moves every weight, and counts how often it was asked to choose.
    struct Asked(u32);

    impl Mask for Asked {
        type Config = ();
        const ZERO: Self = Self(0);
        const CAPACITY: usize = usize::MAX;
        const BYTES: usize = 0;
        const WHOLE: bool = true;

        fn init(&mut self, (): (), _: usize, _: usize, _: Key) {}

        fn prepare(&mut self, _: &[f32], _: u32) {
            self.0 += 1;
        }

        fn persist(&mut self, _: &mut Archive) {}

        fn has(&self, _: usize) -> bool {
            true
        }
    }

    #[test]
    fn a_mask_is_not_chosen_by_a_gradient_that_is_not_finite() {
        let (mut mask, mut origin) = (Asked::ZERO, [0.0; 2]);
        for (g, asked) in [(f32::NAN, 0), (f32::INFINITY, 0), (1.0, 1)] {
            let mut weights = crate::nn::layer::Linear::<1, 1>::ZERO;
            Ascent::sam(0.1).perturb(&mut weights, &mut [0.5, g], &mut origin, &mut mask, 3);
            assert_eq!(mask.0, asked, "{g}");
        }
    }
}
