//! What the outputs of a network say, by its loss.

use std::marker::PhantomData;

use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::loss::{Classify, InvalidTarget, Loss, LossOptions, NoSuchOption};

use super::tree::write;

/// A loss, whatever its type. Outputs must have the length of the network's.
pub trait Judge {
    /// The loss of outputs for a sample of this class.
    ///
    /// # Errors
    /// A class that the network has no output for.
    fn loss(&self, output: &[f32], class: usize) -> Result<f32, InvalidTarget>;

    /// The class that the outputs speak for.
    fn class(&self, output: &[f32]) -> usize;

    /// The probability that the outputs give to a class.
    fn probability(&self, output: &[f32], class: usize) -> f32;

    /// The logit of that probability.
    fn logit(&self, output: &[f32], class: usize) -> f32;
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
    fn loss(&self, values: &[f32], class: usize) -> Result<f32, InvalidTarget> {
        let mut gradient = M::Output::ZERO;
        self.0.evaluate(&output::<M>(values), &M::Loss::target(class), &mut gradient)
    }

    fn class(&self, values: &[f32]) -> usize {
        M::Loss::class(&output::<M>(values))
    }

    fn probability(&self, values: &[f32], class: usize) -> f32 {
        M::Loss::probability(&output::<M>(values), class)
    }

    fn logit(&self, values: &[f32], class: usize) -> f32 {
        M::Loss::logit(&output::<M>(values), class)
    }
}

pub(super) fn predictor<M: Network>(values: &[f32]) -> Predict {
    let mut weights = Box::new(M::ZERO);
    write(&mut *weights, values);
    let mut arena = Box::new(M::Infer::ZERO);
    Box::new(move |row| {
        let (mut input, mut output) = (M::Input::ZERO, M::Output::ZERO);
        input.flat_mut().copy_from_slice(row);
        weights.infer(&input, &mut output, arena.flat_mut());
        output.flat().to_vec()
    })
}
