//! What the trainers of all ideas have in common.

use trainlet::core::budget::Budget;
use trainlet::core::checksum::{crc32, crc32_of};
use trainlet::core::tensor::Tensor;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};
use trainlet::nn::loss::CrossEntropy;
use trainlet::optim::Optimizer;
use trainlet::train::{Dynamic, Fisher, Mask, NoMask, Sam, TopK};

use super::samples::{Sample, share};
use super::{AdamF32, Arena, Bits, Net, OnePass, Plain, Weights};

/// What an idea needs of its trainer.
pub trait Learner {
    /// All zeros.
    const ZERO: Self;
    /// Its RAM.
    const BUDGET: Budget;

    /// Makes a step of the samples.
    fn learn(&mut self, batch: &[Sample]);

    /// CRC-32 of the weights at the end of a run.
    fn crc32(&mut self) -> u32;
}

impl<O: Optimizer> Learner for Plain<O> {
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;

    fn learn(&mut self, batch: &[Sample]) {
        for Sample { input, class } in batch {
            let _ = self.accumulate(input, &(*class as usize), share(batch));
        }
        self.step();
    }

    fn crc32(&mut self) -> u32 {
        self.swap_average();
        crc32(&self.weights)
    }
}

impl<O: Optimizer, K: Tensor, S: Renewed> Learner for Sam<Net, CrossEntropy, O, Arena, K, S> {
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;

    fn learn(&mut self, batch: &[Sample]) {
        let pass = |trainer: &mut Self| {
            for Sample { input, class } in batch {
                let _ = trainer.accumulate(input, &(*class as usize), share(batch));
            }
        };
        pass(self);
        let _ = self.perturb();
        pass(self);
        let _ = self.step();
        S::renew(self, batch);
    }

    fn crc32(&mut self) -> u32 {
        self.swap_average();
        crc32(self.weights())
    }
}

/// A mask that may want something after a step.
pub trait Renewed: Mask {
    /// Gives it that.
    fn renew<O: Optimizer, K: Tensor>(_: &mut Sam<Net, CrossEntropy, O, Arena, K, Self>, _: &[Sample])
    where
        Self: Sized,
    {
    }
}

impl Renewed for NoMask {}
impl Renewed for TopK<Bits> {}
impl Renewed for Dynamic<Bits> {}

/// Chooses anew after the first step and every fourth.
impl Renewed for Fisher<Bits> {
    fn renew<O: Optimizer, K: Tensor>(trainer: &mut Sam<Net, CrossEntropy, O, Arena, K, Self>, batch: &[Sample]) {
        if trainer.steps() % 4 == 1 {
            for Sample { input, class } in batch {
                let _ = trainer.observe(input, &(*class as usize));
            }
            trainer.select();
        }
    }
}

impl Learner for OnePass {
    const ZERO: Self = Self::ZERO;
    const BUDGET: Budget = Self::BUDGET;

    fn learn(&mut self, batch: &[Sample]) {
        for Sample { input, class } in batch {
            let _ = self.accumulate(input, &(*class as usize), share(batch));
        }
        self.step();
    }

    fn crc32(&mut self) -> u32 {
        crc32(self.weights())
    }
}

/// A trainer that looks at the curvature after each step.
pub struct Curved {
    pub(super) trainer: Plain<AdamF32>,
    lanczos: Lanczos<Weights>,
    /// Sums of the largest eigenvalues, of the smallest, and of their share below 0.
    pub(super) found: [f32; 3],
}

/// Products of the Hessian after each step.
const PRODUCTS: usize = 4;

impl Learner for Curved {
    const ZERO: Self = Self { trainer: Plain::<AdamF32>::ZERO, lanczos: Lanczos::ZERO, found: [0.0; 3] };
    const BUDGET: Budget = {
        let plain = Plain::<AdamF32>::BUDGET;
        let [lanczos, total] = [size_of::<Lanczos<Weights>>(), size_of::<Self>()];
        Budget {
            scratch: plain.scratch + lanczos,
            settings: plain.settings + total - plain.total - lanczos,
            total,
            ..plain
        }
    };

    fn learn(&mut self, batch: &[Sample]) {
        self.trainer.learn(batch);
        let seed = u64::from(self.trainer.steps());
        let config = LanczosConfig { steps: PRODUCTS, weight_decay: 1e-3, seed, ..LanczosConfig::default() };
        let mut probe = Probe::new(&mut self.trainer, &mut self.lanczos, config);
        while probe.needs_product() {
            for Sample { input, class } in batch {
                let _ = probe.add(input, &(*class as usize), share(batch));
            }
            probe.finish_product();
        }
        let spectrum = probe.spectrum();
        let ends = [spectrum.largest(), spectrum.smallest(), Some(spectrum.negative_share())];
        for (sum, end) in self.found.iter_mut().zip(ends) {
            *sum += end.unwrap_or_default();
        }
    }

    /// Of what was found; the weights have a part in it.
    fn crc32(&mut self) -> u32 {
        crc32_of(&self.found)
    }
}
