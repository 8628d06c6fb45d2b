//! What a network makes of a sample before its last layer.

use crate::core::tensor::Tensor;
use crate::nn::block::Block;
use crate::nn::head::Head;
use crate::nn::loss::Loss;
use crate::nn::net::Net;
use crate::nn::stem::Stem;
use crate::optim::Optimizer;
use crate::train::Trainer;

impl<const N: usize, const C: usize, S, B, H, L, O, A> Trainer<Net<N, C, S, B, H>, L, O, A>
where
    S: Stem<N, C>,
    B: Block<N, C>,
    H: Head<N, C>,
    L: Loss<H::Output>,
    O: Optimizer,
    A: Tensor,
{
    /// The features of a sample, see [`Net::features`]; by the average of the weights where the optimiser keeps one.
    pub fn features(&mut self, input: &S::Input) -> [f32; C] {
        let mut features = [0.0; C];
        self.swap_average();
        self.weights.features(input, &mut features, super::split_arena::<Net<N, C, S, B, H>, A>(&mut self.arena).1);
        self.swap_average();
        features
    }
}
