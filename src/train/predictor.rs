//! Prediction alone.

use super::budget::predictor_budget;
use crate::core::budget::Budget;
use crate::core::tensor::Tensor;
use crate::nn::net::Model;

/// Predicts with weights that somebody else owns, in flash for example, and an arena for evaluation only: `A` must be
/// `[f32; M::INFER_ARENA]`.
pub struct Predictor<'w, M: Model, A> {
    weights: &'w M,
    arena: A,
}

impl<'w, M: Model, A: Tensor> Predictor<'w, M, A> {
    /// RAM by role, in bytes; the total is the size of this type. The weights are not in it: they may be in flash.
    pub const BUDGET: Budget = predictor_budget::<M>(size_of::<Self>());

    /// With the given weights.
    pub const fn new(weights: &'w M) -> Self {
        const {
            assert!(
                A::LEN == M::INFER_ARENA,
                "the arena has another length than the model needs: write `Predictor<Net, [f32; Net::INFER_ARENA]>`"
            );
        }
        Self { weights, arena: A::ZERO }
    }

    /// The outputs for a sample.
    pub fn predict(&mut self, input: &M::Input) -> M::Output {
        let mut output = M::Output::ZERO;
        self.weights.infer(input, &mut output, self.arena.flat_mut());
        output
    }
}
