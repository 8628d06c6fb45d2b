//! A sample that is learnt piece by piece, with time for something else in between.

use super::{Trainer, split_arena};
use crate::core::count::next;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::optim::Optimizer;

/// A sample on its way into the gradient: what [`Trainer::accumulate`] does, cut where the network's blocks meet, to the same bits.
///
/// Between two calls of [`advance`](Self::advance) a program looks at its sensor, or another task runs. The trainer is lent out until the
/// sample has finished, since its arena has the activations. The longest piece is the backward pass of a block. What a piece takes in
/// cycles is in docs/speed.md; an update is one more piece of its own, [`Trainer::step`].
///
/// A sample that is given up in its backward pass leaves a gradient that is no use: the next step is skipped, as it says.
///
/// ```
/// use trainlet::networks::{Network, Watch12x1 as Net};
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::train::{Config, Trainer};
///
/// let mut trainer = Trainer::<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>::ZERO;
/// trainer.init(Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3)))?;
///
/// let window = [[0.1; 6]; 16];
/// let mut pieces = 0;
/// let mut sample = trainer.in_pieces(&window, &3, 1.0);
/// let loss = loop {
///     pieces += 1;
///     // Here is time for something else.
///     if let Some(loss) = sample.advance()? {
///         break loss;
///     }
/// };
/// assert!(loss > 0.0 && pieces == 2 * Net::PIECES);
/// drop(sample); // gives the trainer back
/// trainer.step();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct InPieces<'a, M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> {
    trainer: &'a mut Trainer<M, L, O, A>,
    input: &'a M::Input,
    target: &'a L::Target,
    weight: f32,
    /// Outputs, and after the forward pass the gradient with respect to them.
    outputs: M::Output,
    loss: f32,
    /// Number of the sample within the step.
    number: u32,
    /// Pieces that are done, of `2 * M::PIECES`.
    done: usize,
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Trainer<M, L, O, A> {
    /// Begins a sample whose pass is cut into pieces. Arguments as those of [`accumulate`](Self::accumulate).
    pub fn in_pieces<'a>(
        &'a mut self,
        input: &'a M::Input,
        target: &'a L::Target,
        weight: f32,
    ) -> InPieces<'a, M, L, O, A> {
        self.unstage();
        let number = self.progress.samples;
        InPieces { trainer: self, input, target, weight, outputs: M::Output::ZERO, loss: 0.0, number, done: 0 }
    }
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> InPieces<'_, M, L, O, A> {
    const ALL: usize = 2 * M::PIECES;

    /// Computes the next piece. After the last it gives the sample's loss, and again whenever it is called.
    ///
    /// # Errors
    /// [`InvalidTarget`], when the forward pass has finished; the sample then has no part in the step.
    pub fn advance(&mut self) -> Result<Option<f32>, InvalidTarget> {
        if self.done < M::PIECES {
            self.forward();
            self.done += 1;
            if self.done == M::PIECES {
                self.evaluate().inspect_err(|_| self.done = 0)?;
            }
        } else if self.done < Self::ALL {
            self.backward(Self::ALL - 1 - self.done);
            self.done += 1;
        }
        Ok((self.done == Self::ALL).then_some(self.loss))
    }

    fn forward(&mut self) {
        let Self { trainer, input, outputs, number, done, .. } = self;
        let Trainer { weights, optimizer, arena, config, progress, .. } = &mut **trainer;
        let (_, activations) = split_arena::<M, A>(arena);
        let record = |bias: &[f32], inputs: &[f32], flat_below: f32| optimizer.record(bias, inputs, flat_below);
        let recorder: &crate::nn::pass::Record = &record;
        let pass = config.pass(progress.steps, *number, M::COST.depth);
        let pass = pass.with_recorder(O::RECORDS.then_some(&recorder));
        weights.forward_piece(*done, input, outputs, activations, &pass);
    }

    /// The loss, and its gradient in place of the outputs. A sample whose loss is not finite has finished.
    fn evaluate(&mut self) -> Result<(), InvalidTarget> {
        let Trainer { config, progress, refused, has_gradient, .. } = &mut *self.trainer;
        let mut doutputs = M::Output::ZERO;
        self.loss = config.loss.evaluate(&self.outputs, self.target, &mut doutputs)?;
        progress.samples = next(progress.samples);
        if self.loss.is_finite() {
            *has_gradient = true;
            doutputs.flat_mut().iter_mut().for_each(|d| *d *= self.weight);
            self.outputs = doutputs;
        } else {
            *refused = refused.saturating_add(1);
            self.done = Self::ALL;
        }
        Ok(())
    }

    fn backward(&mut self, piece: usize) {
        let Self { trainer, input, outputs, number, .. } = self;
        let Trainer { weights, arena, config, progress, .. } = &mut **trainer;
        let (gradient, activations) = split_arena::<M, A>(arena);
        let pass = config.pass(progress.steps, *number, M::COST.depth);
        weights.backward_piece(piece, gradient, input, outputs, activations, &pass);
    }
}

/// Given up: the gradient is one of some layers alone, which no step is to take.
impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor> Drop for InPieces<'_, M, L, O, A> {
    fn drop(&mut self) {
        if (M::PIECES..Self::ALL).contains(&self.done)
            && let Some(first) = split_arena::<M, A>(&mut self.trainer.arena).0.first_mut()
        {
            *first = f32::NAN;
        }
    }
}
