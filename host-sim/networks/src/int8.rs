//! Networks whose weights are in bytes.

use trainlet::core::budget::Budget;
use trainlet::core::params::Params as _;
use trainlet::networks::{Family, Network};
use trainlet::train::Predictor;

use super::fields::{Field, fields};
use super::output::{Predict, predictor_with};
use super::tree::{Weights, leaves, write};

/// The form of a network that predicts from bytes.
#[derive(Clone, Copy, Debug)]
pub struct Int8 {
    /// RAM of a predictor whose weights are in RAM.
    pub budget: Budget,
    predictor: fn(&[f32]) -> Predict,
    stored: fn(&[f32]) -> (Vec<Field>, Weights),
}

impl Int8 {
    /// That of a network; `None` if it has no such form.
    pub(super) fn of<F: Family>() -> Option<Self> {
        F::INT8?;
        let (predictor, weights) = (Predictor::<F::Int8, <F::Int8 as Network>::Infer>::BUDGET, size_of::<F::Int8>());
        Some(Self {
            budget: Budget { weights, total: predictor.total + weights, ..predictor },
            predictor: |values| predictor_with(quantized::<F>(values)),
            stored: |values| {
                let network = quantized::<F>(values);
                let mut weights = Weights { leaves: leaves::<F::Int8>(), values: Vec::new() };
                network.read(&mut |_, values| weights.values.extend_from_slice(values));
                (fields(&*network), weights)
            },
        })
    }

    /// Predicts with weights in the order of the network's [leaves](super::Network::leaves).
    pub fn predictor(&self, weights: &[f32]) -> Predict {
        (self.predictor)(weights)
    }

    /// What is in its struct: the places of bytes and leaves, and the values of the leaves.
    pub fn stored(&self, weights: &[f32]) -> (Vec<Field>, Weights) {
        (self.stored)(weights)
    }
}

fn quantized<F: Family>(values: &[f32]) -> Box<F::Int8> {
    let (mut from, mut to) = (Box::new(F::ZERO), Box::new(F::Int8::ZERO));
    write(&mut *from, values);
    if let Some(quantize) = F::INT8 {
        quantize(&from, &mut to);
    }
    to
}
