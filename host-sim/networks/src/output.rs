//! The outputs of a network, and their loss.

use std::marker::PhantomData;

use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::loss::{InvalidTarget, Loss, LossOptions, NoSuchOption, Supervised};

use super::tree::write;

/// A loss, whatever its type. Outputs must have the length of the network's.
pub trait Judge {
    /// The loss of outputs for a sample with this label.
    ///
    /// # Errors
    /// A label that the network has no output for.
    fn loss(&self, output: &[f32], label: &[f32]) -> Result<f32, InvalidTarget>;
}

/// The outputs of trained weights for a row.
pub type Predict = Box<dyn FnMut(&[f32]) -> Vec<f32>>;

struct Of<M: Network>(M::Loss, PhantomData<M>);

pub(super) fn judge<M: Network>(options: LossOptions) -> Result<Box<dyn Judge>, NoSuchOption> {
    Ok(Box::new(Of::<M>(M::LOSS.with_options(options)?, PhantomData)))
}

fn output<M: Network>(values: &[f32]) -> M::Output {
    let mut output = M::Output::ZERO;
    output.flat_mut().copy_from_slice(values);
    output
}

impl<M: Network> Judge for Of<M> {
    fn loss(&self, values: &[f32], label: &[f32]) -> Result<f32, InvalidTarget> {
        let mut gradient = M::Output::ZERO;
        self.0.evaluate(&output::<M>(values), &M::Loss::target(label.iter().copied()), &mut gradient)
    }
}

pub(super) fn predictor<M: Network>(values: &[f32]) -> Predict {
    let mut weights = Box::new(M::ZERO);
    write(&mut *weights, values);
    predictor_with(weights)
}

pub(super) fn predictor_with<M: Network>(weights: Box<M>) -> Predict {
    let mut arena = Box::new(M::Infer::ZERO);
    Box::new(move |row| {
        let (mut input, mut output) = (M::Input::ZERO, M::Output::ZERO);
        input.flat_mut().copy_from_slice(row);
        weights.infer(&input, &mut output, arena.flat_mut());
        output.flat().to_vec()
    })
}
