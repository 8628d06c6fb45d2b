//! A learner that takes rows of numbers, whatever the shape of its network's input.

use trainlet::core::archive::Archive;
use trainlet::core::params::Leaf;
use trainlet::core::tensor::Tensor;
use trainlet::nn::loss::InvalidTarget;
use trainlet::train::{Evaluation, Learner, Progress, StepReport};

/// Learns classes from rows.
pub type AnyLearner = dyn Learner<Input = [f32], Target = usize, Output = Vec<f32>, Error = InvalidTarget>;

/// A learner, and the sample that a row is copied to.
pub struct Rows<L: Learner<Input: Sized>> {
    learner: L,
    input: L::Input,
}

impl<L: Learner<Input: Tensor>> Rows<L> {
    /// Around this learner.
    pub fn new(learner: L) -> Self {
        Self { learner, input: L::Input::ZERO }
    }

    /// The learner itself.
    pub fn inner(&mut self) -> &mut L {
        &mut self.learner
    }
}

impl<L> Learner for Rows<L>
where
    L: Learner<Input: Tensor, Target = usize, Output: Tensor, Error = InvalidTarget>,
{
    type Input = [f32];
    type Target = usize;
    type Output = Vec<f32>;
    type Error = InvalidTarget;

    fn accumulate(&mut self, row: &[f32], class: &usize, weight: f32) -> Result<f32, InvalidTarget> {
        self.input.flat_mut().copy_from_slice(row);
        self.learner.accumulate(&self.input, class, weight)
    }

    fn step(&mut self) -> Result<StepReport, InvalidTarget> {
        self.learner.step()
    }

    fn predict(&mut self, row: &[f32]) -> Result<Vec<f32>, InvalidTarget> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.learner.predict(&self.input)?.flat().to_vec())
    }

    fn evaluate(&mut self, row: &[f32], class: &usize) -> Result<Evaluation<Vec<f32>>, InvalidTarget> {
        self.input.flat_mut().copy_from_slice(row);
        let Evaluation { loss, output } = self.learner.evaluate(&self.input, class)?;
        Ok(Evaluation { loss, output: output.flat().to_vec() })
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), InvalidTarget> {
        self.learner.weights(visit)
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.learner.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, InvalidTarget> {
        self.learner.progress()
    }
}
