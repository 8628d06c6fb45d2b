//! Several samples side by side, so that a weight is loaded once for all of them.

use crate::core::layout::{Layout, split_at, tokens};
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::head::BatchHead;
use crate::nn::net::{Model, Net};
use crate::nn::pass::{Pass, Passes};
use crate::nn::stem::BatchStem;
use crate::nn::update::InPlaceUpdate;

/// A model that can work on several samples side by side. The arena is as many times as long as there are samples; a
/// sample's results have the same bits whichever others there are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` works on one sample at a time",
    label = "a layer of this network takes a single sample",
    note = "a micro-batch is for `Net<1, C, DenseStem<..>, (), DenseHead<..>>`, which has a single vector per sample; where a \
            sample is several tokens, they share each weight already: take the network without `MicroBatch`"
)]
pub trait BatchModel: Model {
    /// What [`forward`](Model::forward) does, for an input, an output and a pass per sample.
    fn forward_batch(&self, inputs: &[Self::Input], outputs: &mut [Self::Output], arena: &mut [f32], passes: Passes);

    /// What [`backward`](Model::backward) does, the gradients added up in the order of the samples.
    fn backward_batch(
        &self,
        grad: &mut [f32],
        inputs: &[Self::Input],
        doutputs: &[Self::Output],
        arena: &mut [f32],
        passes: Passes,
    );
}

/// A sample is one token, a row of each matrix: the layers do as many rows at a time as there are samples.
impl<const C: usize, S: BatchStem<C>, H: BatchHead<C>> BatchModel for Net<1, C, S, (), H> {
    #[inline(never)]
    fn forward_batch(&self, inputs: &[S::Input], outputs: &mut [H::Output], arena: &mut [f32], passes: Passes) {
        let ([x, saved], scratch) = Layout([inputs.len() * C, inputs.len() * S::COST.saved]).split(arena);
        let x = tokens(x);
        self.stem.forward_batch(inputs, x, saved, scratch, &|sample| passes(sample).child(0));
        self.head.forward_batch(x, outputs);
    }

    #[inline(never)]
    fn backward_batch(
        &self,
        grad: &mut [f32],
        inputs: &[S::Input],
        doutputs: &[H::Output],
        arena: &mut [f32],
        passes: Passes,
    ) {
        let ([x, saved], scratch) = Layout([inputs.len() * C, inputs.len() * S::COST.saved]).split(arena);
        let x = tokens(x);
        let (grad_stem, grad_head) = split_at(grad, S::TRAINABLE);
        self.head.backward_batch(grad_head, x, doutputs);
        self.stem.backward_batch(grad_stem, inputs, x, saved, scratch, &|sample| passes(sample).child(0));
    }
}

/// The model `M` with an arena for `SAMPLES` samples side by side:
/// [`Trainer::accumulate_batch`](crate::train::Trainer::accumulate_batch) then takes `SAMPLES` of them at a time. In all other respects it is
/// `M`, with the same weights, names and bits.
///
/// A linear layer with a single vector loads a weight for each multiply-accumulate, and its gradient loads and stores one for
/// each; with four vectors a weight in a register serves all of them. What that costs is activations:
///
/// ```
/// use trainlet::nn::loss::BceWithLogits;
/// use trainlet::nn::micro_batch::MicroBatch;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Mlp42;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::train::{Config, Trainer};
///
/// type Net = MicroBatch<Mlp42, 4>;
/// type Of<M, A> = Trainer<M, BceWithLogits<1>, Adam<[f32; Net::TRAINABLE]>, A>;
/// type BatchTrainer = Of<Net, [f32; Net::ARENA]>;
/// assert_eq!(BatchTrainer::BUDGET.total, Of::<Mlp42, [f32; Mlp42::ARENA]>::BUDGET.total + 3 * 4 * Mlp42::ACTIVATIONS);
///
/// let mut trainer = Box::new(BatchTrainer::ZERO);
/// trainer.init(Config::new(42, BceWithLogits::new(), AdamConfig::adam(), Schedule::constant(1e-3)))?;
/// let (inputs, targets) = ([[0.5; 42], [-0.5; 42], [1.0; 42], [0.0; 42], [2.0; 42]], [[1.0], [0.0], [1.0], [0.0], [1.0]]);
/// // Four side by side, then one.
/// let losses = trainer.accumulate_batch(&inputs, &targets, 1.0 / 5.0)?;
/// assert!(losses > 0.0 && trainer.step().applied);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MicroBatch<M: BatchModel, const SAMPLES: usize> {
    /// The model.
    pub model: M,
}

crate::params! {
    [M: BatchModel, const SAMPLES: usize] MicroBatch<M, SAMPLES> {
        model: tree(M),
    }
}

impl<M: BatchModel, const SAMPLES: usize> Model for MicroBatch<M, SAMPLES> {
    type Input = M::Input;
    type Output = M::Output;
    const STREAM: usize = {
        assert!(SAMPLES > 0, "at least one sample at a time: write MicroBatch<Net, 1> or more");
        SAMPLES * M::STREAM
    };
    const COST: Cost = Cost { saved: SAMPLES * M::COST.saved, scratch: SAMPLES * M::COST.scratch, ..M::COST };
    const GRAPH: Graph = M::GRAPH;
    /// One sample at a time.
    const INFER_ARENA: usize = M::INFER_ARENA;

    fn infer(&self, input: &M::Input, output: &mut M::Output, arena: &mut [f32]) {
        self.model.infer(input, output, arena);
    }

    fn forward(&self, input: &M::Input, output: &mut M::Output, arena: &mut [f32], pass: &Pass) {
        self.model.forward(input, output, arena, pass);
    }

    fn backward(&self, grad: &mut [f32], input: &M::Input, doutput: &M::Output, arena: &mut [f32], pass: &Pass) {
        self.model.backward(grad, input, doutput, arena, pass);
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &M::Input,
        doutput: &M::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        self.model.backward_update(update, input, doutput, arena, pass);
    }
}
