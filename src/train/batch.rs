//! Samples side by side in the trainer.

use super::Trainer;
use super::trainer::cut;
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
    /// [`InvalidTarget`], also if there are not as many targets as inputs. The portion of the sample then has no part in the
    /// step, nor have those behind it.
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
        if self.counters.incoming {
            self.zero_grad();
        }
        let Self { weights, optimizer, arena, settings, counters, .. } = self;
        let (gradient, activations) = cut::<MicroBatch<M, SAMPLES>, A>(arena);
        let (mut outputs, mut doutputs) = ([const { M::Output::ZERO }; SAMPLES], [const { M::Output::ZERO }; SAMPLES]);
        let watch = optimizer.counters();
        let step = settings.step_pass(counters.steps, M::COST.depth).with_counters(&watch);
        let mut losses = 0.0;
        for (inputs, targets) in inputs.chunks(SAMPLES.max(1)).zip(targets.chunks(SAMPLES.max(1))) {
            let first = counters.samples;
            let passes = |sample: usize| step.child(u64::from(first) + sample as u64);
            let (Some(outputs), Some(doutputs)) = (outputs.get_mut(..inputs.len()), doutputs.get_mut(..inputs.len()))
            else {
                break;
            };
            weights.model.forward_batch(inputs, outputs, activations, &passes);
            for ((output, target), doutput) in outputs.iter().zip(targets).zip(&mut *doutputs) {
                losses += settings.loss.evaluate(output, target, doutput)?;
                doutput.flat_mut().iter_mut().for_each(|d| *d *= weight);
            }
            weights.model.backward_batch(gradient, inputs, doutputs, activations, &passes);
            counters.samples += inputs.len() as u32;
        }
        Ok(losses)
    }
}
