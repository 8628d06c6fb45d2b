//! A trainer as a learner.

use super::Trainer;
use crate::core::archive::Archive;
use crate::core::params::Leaf;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::Optimizer;
use crate::train::learner::Learner;
use crate::train::report::{Evaluation, Progress, StepReport};

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Learner for Trainer<M, L, O, A> {
    type Input = M::Input;
    type Target = L::Target;
    type Output = M::Output;
    type Error = InvalidTarget;

    fn accumulate(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<f32, InvalidTarget> {
        self.accumulate(input, target, weight)
    }

    fn step(&mut self) -> Result<StepReport, InvalidTarget> {
        Ok(self.step())
    }

    fn predict(&mut self, input: &M::Input) -> Result<M::Output, InvalidTarget> {
        Ok(self.predict(input))
    }

    fn evaluate(&mut self, input: &M::Input, target: &L::Target) -> Result<Evaluation<M::Output>, InvalidTarget> {
        self.evaluate(input, target)
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), InvalidTarget> {
        self.swap_average();
        self.weights.read(visit);
        self.swap_average();
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, InvalidTarget> {
        Ok(self.progress)
    }
}
