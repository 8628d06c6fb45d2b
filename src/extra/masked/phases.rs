//! Pre-training and training in the same memory, one after the other.

use super::{Pretext, read_shared, write_shared};
use crate::core::archive::Archive;
use crate::core::layout::{front, split_array};
use crate::core::params::{Leaf, Params, Path, Visit};
use crate::core::rng::Key;
use crate::core::setting::Settings;
use crate::core::size::{Cost, max};
use crate::core::tensor::Tensor;
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// First the pretext `P`, a [`MaskedNet`](super::MaskedNet), then the classifier `M`, whose stem and blocks are the
/// first weights of both. They take the memory of the larger one, and so do gradient, optimiser and activations of a
/// [`Trainer`](crate::train::Trainer): [`fine_tune`](crate::train::Trainer::fine_tune) leads from one to the other.
///
/// ```
/// use trainlet::nn::block::MixerBlock;
/// use trainlet::nn::head::ReconstructionHead;
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::extra::masked::{MaskedNet, PhaseLoss, Phases};
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::nn::stem::PatchEmbedding;
/// use trainlet::train::{Config, Trainer};
///
/// type Guess = MaskedNet<
///     16, 8, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16, 12, 16, 24>; 1], (), ReconstructionHead<12, 6>,
/// >;
/// type Both = Phases<Guess, Watch12x1>;
/// type BothTrainer = Trainer<Both, PhaseLoss<CrossEntropy>, Adam<[f32; Both::TRAINABLE]>, [f32; Both::ARENA]>;
///
/// let config = |loss| Config::new(42, loss, AdamConfig::adam(), Schedule::constant(1e-3));
/// let mut trainer = BothTrainer::ZERO;
/// trainer.init(config(PhaseLoss::Unlabelled))?;
/// let window = [[0.1; 6]; 16];
/// trainer.accumulate(&window, &None, 1.0)?;
/// trainer.step();
///
/// trainer.fine_tune(config(PhaseLoss::Labelled(CrossEntropy::new())))?;
/// trainer.accumulate(&window, &Some(3), 1.0)?;
/// trainer.step();
/// let logits: [f32; 7] = trainer.predict(&window);
/// # let _ = logits;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub enum Phases<P, M> {
    /// The first phase, in which the outputs are the loss and nothing behind it.
    Pretraining(P),
    /// The second phase.
    Training(M),
}

impl<P: Pretext, M: Model<Input = P::Input>> Phases<P, M> {
    const CHECKED: () = {
        assert!(P::STREAM == M::STREAM, "pretext and classifier have different streams: give both the same N and C");
        assert!(
            M::Output::LEN > 0,
            "the first output of the classifier holds the loss of the pretext: give it an output"
        );
        assert!(P::SHARED <= M::COUNT, "the classifier has no room for the stem and the blocks of the pretext");
        assert!(
            P::SHARED <= Self::TRAINABLE,
            "the weights pass through the memory of the gradient: train them all in a phase"
        );
    };

    /// The classifier, if it is its turn.
    pub fn classifier(&self) -> Option<&M> {
        match self {
            Self::Pretraining(_) => None,
            Self::Training(model) => Some(model),
        }
    }

    /// Becomes the classifier, drawn from `key` but for stem and blocks, which pass through `room`: at least
    /// [`TRAINABLE`](Params::TRAINABLE) values, that are overwritten. The classifier itself stays as it is.
    pub fn advance(&mut self, key: Key, room: &mut [f32]) {
        let room = front(room, P::SHARED);
        if let Self::Pretraining(pretext) = self {
            read_shared(pretext, room);
            *self = Self::Training(M::ZERO);
            if let Self::Training(model) = self {
                model.init(key);
                write_shared(model, room);
            }
        }
    }
}

/// Walks what is there in the phase.
impl<P: Pretext, M: Model<Input = P::Input>> Params for Phases<P, M> {
    const ZERO: Self = {
        let () = Self::CHECKED;
        Self::Pretraining(P::ZERO)
    };
    const COUNT: usize = max(P::COUNT, M::COUNT);
    const TRAINABLE: usize = max(P::TRAINABLE, M::TRAINABLE);

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        match self {
            Self::Pretraining(pretext) => pretext.walk_at(path, visit),
            Self::Training(model) => model.walk_at(path, visit),
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        match self {
            Self::Pretraining(pretext) => pretext.read_at(path, visit),
            Self::Training(model) => model.read_at(path, visit),
        }
    }

    /// Begins with the first phase.
    fn init(&mut self, key: Key) {
        if let Self::Training(_) = self {
            *self = Self::ZERO;
        }
        if let Self::Pretraining(pretext) = self {
            pretext.init(key);
        }
    }
}

/// Every length is that of the phase that needs more.
impl<P: Pretext, M: Model<Input = P::Input>> Model for Phases<P, M> {
    type Input = M::Input;
    type Output = M::Output;
    const STREAM: usize = M::STREAM;
    /// The depth is that of the classifier; the pretext gets passes of its own.
    const COST: Cost = Cost { depth: M::COST.depth, ..P::COST.or(M::COST) };

    fn infer(&self, input: &M::Input, output: &mut M::Output, arena: &mut [f32]) {
        match self {
            Self::Pretraining(pretext) => {
                let (loss, _) = split_array(output.flat_mut());
                pretext.infer(input, loss, arena);
            }
            Self::Training(model) => model.infer(input, output, arena),
        }
    }

    fn forward(&self, input: &M::Input, output: &mut M::Output, arena: &mut [f32], pass: &Pass) {
        match self {
            Self::Pretraining(pretext) => {
                let (loss, _) = split_array(output.flat_mut());
                pretext.forward(input, loss, arena, &pass.of_depth(P::COST.depth));
            }
            Self::Training(model) => model.forward(input, output, arena, pass),
        }
    }

    fn backward(&self, grad: &mut [f32], input: &M::Input, doutput: &M::Output, arena: &mut [f32], pass: &Pass) {
        match self {
            Self::Pretraining(pretext) => {
                let doutput = &[doutput.flat().first().copied().unwrap_or_default()];
                let grad = front(grad, P::TRAINABLE);
                pretext.backward(grad, input, doutput, arena, &pass.of_depth(P::COST.depth));
            }
            Self::Training(model) => {
                let grad = front(grad, M::TRAINABLE);
                model.backward(grad, input, doutput, arena, pass);
            }
        }
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &M::Input,
        doutput: &M::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        match self {
            Self::Pretraining(pretext) => {
                let doutput = &[doutput.flat().first().copied().unwrap_or_default()];
                update.skip(Self::TRAINABLE - P::TRAINABLE);
                pretext.backward_update(update, input, doutput, arena, &pass.of_depth(P::COST.depth));
            }
            Self::Training(model) => {
                update.skip(Self::TRAINABLE - M::TRAINABLE);
                model.backward_update(update, input, doutput, arena, pass);
            }
        }
    }
}

/// The loss of a phase of [`Phases`]. A target is `None` in the first, where a sample is its own target, and that of
/// `L` in the second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PhaseLoss<L> {
    /// Of the pre-training: what the model says.
    #[default]
    Unlabelled,
    /// Of the training.
    Labelled(L),
}

impl<L: Settings> Settings for PhaseLoss<L> {
    fn visit(&mut self, archive: &mut Archive) {
        if let Self::Labelled(loss) = self {
            loss.visit(archive);
        }
    }
}

impl<O: Tensor, L: Loss<O>> Loss<O> for PhaseLoss<L> {
    type Target = Option<L::Target>;
    const ZERO: Self = Self::Unlabelled;

    /// A sample with a label in the first phase, or one without in the second, is an invalid target.
    fn evaluate(&self, output: &O, target: &Option<L::Target>, gradient: &mut O) -> Result<f32, InvalidTarget> {
        match (self, target) {
            (Self::Unlabelled, None) => {
                gradient.flat_mut().fill(0.0);
                let (Some(loss), Some(gradient)) = (output.flat().first(), gradient.flat_mut().first_mut()) else {
                    return Err(InvalidTarget);
                };
                *gradient = 1.0;
                Ok(*loss)
            }
            (Self::Labelled(loss), Some(target)) => loss.evaluate(output, target, gradient),
            _ => Err(InvalidTarget),
        }
    }
}
