//! Micro-batches in the trainer: several samples side by side.

use super::trainer::{Trainer, split_arena};
use crate::core::count::after;
use crate::core::layout::front;
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::micro_batch::{BatchModel, MicroBatch};
use crate::optim::Optimizer;

impl<M: BatchModel, const SAMPLES: usize, L: Loss<M::Output>, O: Optimizer, A: Tensor>
    Trainer<MicroBatch<M, SAMPLES>, L, O, A>
{
    /// Adds samples to the gradient of the next step, `SAMPLES` at a time and the rest together, and returns the sum of their
    /// losses. `weight` is the part of each in the step's loss. The gradient has the same bits as after
    /// [`accumulate`](Self::accumulate) for one after the other, whatever the portions.
    ///
    /// # Errors
    /// [`InvalidTarget`], also if there are not as many targets as inputs. The portion with the invalid target then has no part
    /// in the step, nor have those after it.
    #[inline(never)]
    pub fn accumulate_batch(
        &mut self,
        inputs: &[M::Input],
        targets: &[L::Target],
        weight: f32,
    ) -> Result<f32, InvalidTarget> {
        if inputs.len() != targets.len() {
            return Err(InvalidTarget);
        }
        self.unstage();
        let mut losses = 0.0;
        for (inputs, targets) in inputs.chunks(SAMPLES.max(1)).zip(targets.chunks(SAMPLES.max(1))) {
            if !self.accumulate_portion(inputs, targets, weight, &mut losses)? {
                // Which of them it is shows one by one.
                for (input, target) in inputs.iter().zip(targets) {
                    self.accumulate(input, target, weight)?;
                }
            }
        }
        Ok(losses)
    }

    /// Adds the losses to `sum`, and gives whether all of them are finite. Otherwise no sample has been added.
    fn accumulate_portion(
        &mut self,
        inputs: &[M::Input],
        targets: &[L::Target],
        weight: f32,
        sum: &mut f32,
    ) -> Result<bool, InvalidTarget> {
        let Self { weights, optimizer, arena, config, progress, has_gradient, .. } = self;
        let (gradient, activations) = split_arena::<MicroBatch<M, SAMPLES>, A>(arena);
        let (mut outputs, mut doutputs) = ([const { M::Output::ZERO }; SAMPLES], [const { M::Output::ZERO }; SAMPLES]);
        let record = |bias: &[f32], inputs: &[f32], flat_below: f32| optimizer.record(bias, inputs, flat_below);
        let recorder: &crate::nn::pass::Record = &record;
        let step = config.step_pass(progress.steps, M::COST.depth).with_recorder(O::RECORDS.then_some(&recorder));
        let first = progress.samples;
        let passes = |sample: usize| step.child(u64::from(after(first, sample as u32)));
        let (outputs, doutputs) = (front(&mut outputs, inputs.len()), front(&mut doutputs, inputs.len()));
        weights.model.forward_batch(inputs, outputs, activations, &passes);
        let mut are_finite = true;
        for ((output, target), doutput) in outputs.iter().zip(targets).zip(&mut *doutputs) {
            let loss = config.loss.evaluate(output, target, doutput)?;
            *sum += loss;
            are_finite &= loss.is_finite();
            doutput.flat_mut().iter_mut().for_each(|d| *d *= weight);
        }
        if are_finite {
            weights.model.backward_batch(gradient, inputs, doutputs, activations, &passes);
            progress.samples = after(first, inputs.len() as u32);
            *has_gradient = true;
        }
        Ok(are_finite)
    }
}
