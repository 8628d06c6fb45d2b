//! From pre-training to the training of a classifier, in the memory of one trainer.

use super::{Phases, Pretext};
use crate::core::rng::{Key, Purpose};
use crate::core::setting::OutOfRange;
use crate::core::tensor::Tensor;
use crate::nn::loss::Loss;
use crate::nn::net::Model;
use crate::optim::Optimizer;
use crate::train::{Config, Trainer};

impl<P, M, L, O, A> Trainer<Phases<P, M>, L, O, A>
where
    P: Pretext,
    M: Model<Input = P::Input, Output: Tensor>,
    L: Loss<M::Output>,
    O: Optimizer,
    A: Tensor,
{
    /// Ends the pre-training and starts a run of the classifier: stem and blocks stay bit-identical, the
    /// head is drawn from the seed as [`init`](Self::init) draws that of the classifier alone, and all else is
    /// forgotten. The weights pass through the memory of the gradient. In the second phase it is
    /// [`restart`](Self::restart).
    ///
    /// # Errors
    /// A setting is out of range; nothing has changed then.
    #[inline(never)]
    pub fn fine_tune<const CLIPPED: bool>(&mut self, config: Config<L, O::Config, CLIPPED>) -> Result<(), OutOfRange> {
        config.check()?;
        let key = Key::new(config.seed, Purpose::Init);
        let memory = self.memory();
        memory.weights.advance(key, memory.gradient);
        self.restart(config)
    }
}
