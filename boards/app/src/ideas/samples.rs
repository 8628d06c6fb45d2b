//! What the ideas are tried on.

use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor as _;

use super::Idea;
use super::learner::Learner as _;

/// A sample.
pub struct Sample {
    /// What is seen.
    pub input: [[f32; 6]; 16],
    /// What it is.
    pub class: u32,
}

/// Samples of a step.
pub const BATCH: usize = 2;
/// Samples that are gone through over and over.
const SAMPLES: usize = 8;

/// Part of each sample in the loss of its batch.
pub fn share(batch: &[Sample]) -> f32 {
    1.0 / batch.len() as f32
}

/// Samples that are made up, with a class each.
pub struct Samples([Sample; SAMPLES]);

impl Samples {
    /// All zeros.
    pub const ZERO: Self = Self([const { Sample { input: [[0.0; 6]; 16], class: 0 } }; SAMPLES]);

    /// Makes them up.
    pub fn make_up(&mut self) {
        for (index, Sample { input, class }) in self.0.iter_mut().enumerate() {
            let mut random = Key::new(9, Purpose::Order).child(index as u64).stream();
            input.flat_mut().iter_mut().for_each(|x| *x = 2.0 * random.uniform() - 1.0);
            *class = index as u32 % 7;
        }
    }

    /// Makes so many steps, and gives the CRC-32 of the weights.
    pub fn rehearse<I: Idea>(&self, trainer: &mut I::Trainer, steps: u32) -> u32 {
        I::start(trainer, steps, true);
        self.batches().take(steps as usize).for_each(|batch| trainer.learn(batch));
        trainer.crc32()
    }

    /// Those of each step, over and over.
    pub fn batches(&self) -> impl Iterator<Item = &[Sample; BATCH]> {
        self.0.as_chunks().0.iter().cycle()
    }

    /// The first few.
    pub fn first(&self, count: usize) -> &[Sample] {
        self.0.get(..count).unwrap_or_default()
    }
}
