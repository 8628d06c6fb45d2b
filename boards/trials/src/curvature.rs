//! The eigenvalues of the loss's Hessian after each step.

use trainlet::core::checksum::crc32_of;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};

use crate::trainers::{AdamF32, Plain, Weights};
use crate::trial::{Beside, Samples};

/// What is found of the curvature.
pub struct Curvature {
    lanczos: Lanczos<Weights>,
    /// Sums over all steps: of the largest eigenvalues, of the smallest, and of the share of negative ones.
    found: [f32; 3],
}

/// Products of the Hessian after each step.
const PRODUCTS: usize = 4;

impl Beside<Plain<AdamF32>> for Curvature {
    const ZERO: Self = Self { lanczos: Lanczos::ZERO, found: [0.0; 3] };

    fn restart(&mut self) {
        self.found = [0.0; 3];
    }

    fn look<'a>(&mut self, trainer: &mut Plain<AdamF32>, samples: impl Samples<'a, Plain<AdamF32>>) {
        let weight = 1.0 / samples.len() as f32;
        let seed = u64::from(trainer.steps());
        let config = LanczosConfig { steps: PRODUCTS, weight_decay: 1e-3, seed, ..LanczosConfig::default() };
        let Ok(mut probe) = Probe::new(trainer, &mut self.lanczos, config) else { return };
        while probe.needs_product() {
            for (input, class) in samples.clone() {
                let added = probe.add(input, class, weight);
                debug_assert!(added.is_ok(), "every sample has a class that the loss knows");
            }
            probe.finish_product();
        }
        let spectrum = probe.spectrum();
        let ends = [spectrum.largest(), spectrum.smallest(), Some(spectrum.negative_share())];
        for (sum, end) in self.found.iter_mut().zip(ends) {
            *sum += end.unwrap_or_default();
        }
    }

    /// Of what was found, which depends on the weights.
    fn crc32(&self) -> Option<u32> {
        Some(crc32_of(&self.found))
    }
}
