//! Sharpness-aware minimisation as a learner.

use super::{Mask, Sam, SamError};
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::tensor::Tensor;
use crate::nn::loss::Loss;
use crate::nn::net::Model;
use crate::optim::Optimizer;
use crate::train::learner::Learner;
use crate::train::report::{Evaluation, Progress, StepReport};

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor, K: Tensor, S: Mask> Learner for Sam<M, L, O, A, K, S> {
    type Input = M::Input;
    type Target = L::Target;
    type Output = M::Output;
    type Error = SamError;

    fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, SamError> {
        Ok(self.accumulate(input, target, weight)?)
    }

    fn second_pass(&mut self) -> Result<bool, SamError> {
        self.perturb().map(|_| true)
    }

    fn step(&mut self) -> Result<StepReport, SamError> {
        self.step()
    }

    fn observe(&mut self, input: &M::Input, target: &L::Target) -> Result<(), SamError> {
        Ok(self.observe(input, target)?)
    }

    fn select(&mut self) -> Result<(), SamError> {
        self.select();
        Ok(())
    }

    fn predict(&mut self, input: &M::Input) -> Result<M::Output, SamError> {
        Ok(self.predict(input))
    }

    fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, SamError> {
        Ok(self.evaluate(input, target)?)
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), SamError> {
        self.swap_weights();
        Learner::weights(&mut self.trainer, visit)?;
        self.swap_weights();
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, SamError> {
        Ok(Learner::progress(&mut self.trainer)?)
    }
}
