//! All that trains, and all that networks are made of.

use core::hint::black_box;

use trainlet::core::params::Path;
use trainlet::data::Augmented;
use trainlet::extra::prototypes::Prototypes;
use trainlet::networks::{Family, Mlp42, Network, Watch12x1, WatchConvNext};
use trainlet::nn::block::{AlterStage, ConvNextBlock, Frozen, FrozenFirst, InFlash, MixerBlock};
use trainlet::nn::head::{DenseHead, FlatHead, MeanHead};
use trainlet::nn::layer::Tanh;
use trainlet::nn::loss::{BceWithLogits, CrossEntropy, Mse, OpenCrossEntropy};
use trainlet::nn::micro_batch::MicroBatch;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{DenseStem, Int8, PatchEmbedding};
use trainlet::optim::Sgd;
use trainlet::train::{Learner, Online, Predictor, Trainer, observe_samples, train_step};
use trainlet_trials::{Kind, Trial, TrialState, VisitTrial, visit};

use crate::Memory;
use crate::keeping::keep;
use crate::optimizers;

pub fn all(memory: &Memory) {
    for kind in [Kind::Mode, Kind::Idea, Kind::Pretraining, Kind::Block] {
        visit::<Watch12x1>(kind, &mut Visitor(memory));
    }
    visit::<Mlp42>(Kind::Mode, &mut Visitor(memory));
    bytes(memory);
    values(memory);
    frozen(memory);
    new_classes(memory);
    micro_batches(memory);
    augmented(memory);
    pieces(memory);
    optimizers::all(memory);
    named::<WatchConvNext>(memory);
}

struct Visitor<'a>(&'a Memory);

impl VisitTrial for Visitor<'_> {
    fn visit<T: Trial>(&mut self) {
        let state = self.0.value::<TrialState<T>>();
        let _ = black_box(T::rehearse(state, *self.0.value()));
        learn(self.0, self.0.value::<T::Learner>());
    }
}

/// Whatever a learner does.
pub fn learn<L: Learner<Input: Sized, Target: Sized>>(memory: &Memory, learner: &mut L) {
    let samples = *memory.value::<&[(L::Input, L::Target)]>();
    let samples = samples.iter().map(|(input, target)| (input, target));
    black_box(train_step(learner, samples.clone()).is_ok());
    black_box(observe_samples(learner, samples).is_ok());
    black_box(learner.predict(memory.value()).is_ok());
    black_box(learner.evaluate(memory.value(), memory.value()).is_ok());
    black_box(learner.progress().is_ok());
    let _ = learner.weights(&mut |leaf, values| {
        black_box((leaf.role, values));
    });
    keep(memory, &mut |archive| learner.persist(archive));
}

type Plain<M, L, const ARENA: usize> = Trainer<M, L, Sgd, [f32; ARENA]>;

/// Samples in bytes, and a flat head.
fn bytes(memory: &Memory) {
    type Bytes = Net<7, 6, Int8<PatchEmbedding<7, 2, 1, 6>, 2>, [MixerBlock<7, 6, 5, 9, Tanh>; 1], FlatHead<7, 6, 3>>;
    let trainer = memory.value::<Plain<Bytes, CrossEntropy, { Bytes::ARENA }>>();
    let _ = black_box(trainer.weights.stem.set(*memory.value(), *memory.value(), *memory.value()));
    learn(memory, trainer);
    if let Some(staged) = trainer.staged_weights() {
        staged.fill(*memory.value());
    }
    trainer.commit();
    let mut predictor = Predictor::<Bytes, [f32; Bytes::INFER_ARENA]>::new(memory.value());
    black_box(predictor.predict(memory.value()));
}

/// A perceptron that predicts values, and one that predicts probabilities.
fn values(memory: &Memory) {
    type Dense = Net<1, 5, DenseStem<7, 6, 5>, (), DenseHead<5, 2>>;
    learn(memory, memory.value::<Plain<Dense, Mse, { Dense::ARENA }>>());
    learn(memory, memory.value::<Plain<Dense, BceWithLogits<2>, { Dense::ARENA }>>());
}

/// Classes in reserve, and prototypes.
fn new_classes(memory: &Memory) {
    type Open = Net<7, 6, PatchEmbedding<7, 2, 1, 6>, [MixerBlock<7, 6, 5, 9>; 1], MeanHead<6, 4>>;
    let trainer = memory.value::<Plain<Open, OpenCrossEntropy, { Open::ARENA }>>();
    learn(memory, trainer);
    let loss = *memory.value::<OpenCrossEntropy>();
    black_box((trainer.set_loss(loss).is_ok(), loss.class(*memory.value())));
    let (prototypes, features) = (memory.value::<Prototypes<6, 4>>(), trainer.features(memory.value()));
    black_box((prototypes.push(*memory.value(), &features), prototypes.nearest(&features)));
    prototypes.forget(*memory.value());
    keep(memory, &mut |archive| prototypes.persist(archive));
    type Token = Net<1, 5, DenseStem<7, 6, 5>, (), DenseHead<5, 2>>;
    black_box(memory.value::<Plain<Token, Mse, { Token::ARENA }>>().features(memory.value()));
}

/// Blocks that are not trained, in RAM and in flash.
fn frozen(memory: &Memory) {
    type Blocks = [MixerBlock<7, 6, 5, 9>; 1];
    type Half = Net<7, 6, Frozen<PatchEmbedding<7, 2, 1, 6>>, FrozenFirst<InFlash<Blocks>, Blocks>, MeanHead<6, 3>>;
    learn(memory, memory.value::<Plain<Half, CrossEntropy, { Half::ARENA }>>());
}

/// Samples in pieces, of stacks of all kinds.
fn pieces(memory: &Memory) {
    type Mixer = MixerBlock<7, 6, 5, 9>;
    type Stage = AlterStage<ConvNextBlock<6, 3, 8>, Mixer, 3, 1, 1>;
    type Stacked = Net<7, 6, PatchEmbedding<7, 2, 1, 6>, ([Mixer; 2], Stage, ()), MeanHead<6, 3>>;
    let trainer = memory.value::<Plain<Stacked, CrossEntropy, { Stacked::ARENA }>>();
    let mut sample = trainer.in_pieces(memory.value(), memory.value(), *memory.value());
    for _ in 0..*memory.value::<u32>() {
        black_box(sample.advance().is_ok());
    }
}

/// Samples that are changed in training, from bytes and as they are.
fn augmented(memory: &Memory) {
    type Stem = Augmented<PatchEmbedding<7, 5, 1, 6>, 5>;
    type Changed<S> = Net<7, 6, S, [MixerBlock<7, 6, 5, 9>; 1], MeanHead<6, 3>>;
    type Floats = Changed<Stem>;
    type Bytes = Changed<Int8<Stem, 5>>;
    let floats = memory.value::<Plain<Floats, CrossEntropy, { Floats::ARENA }>>();
    black_box(floats.weights.stem.set(*memory.value(), *memory.value()).is_ok());
    learn(memory, floats);
    learn(memory, memory.value::<Plain<Bytes, CrossEntropy, { Bytes::ARENA }>>());
    learn(memory, memory.value::<Online<Floats, CrossEntropy, Sgd, [f32; Floats::ONLINE_ARENA]>>());
}

fn micro_batches(memory: &Memory) {
    type Batch = MicroBatch<Mlp42, 8>;
    let trainer = memory.value::<Plain<Batch, BceWithLogits<1>, { Batch::ARENA }>>();
    let (inputs, targets) = (*memory.value::<&[_]>(), *memory.value::<&[_]>());
    black_box(trainer.accumulate_batch(inputs, targets, *memory.value()).is_ok());
    learn(memory, trainer);
}

/// A network by name, in all that is kept and trained of it.
fn named<F: Family>(memory: &Memory) {
    fn variant<M: Network>(memory: &Memory) {
        learn(memory, memory.value::<Trainer<M, M::Loss, Sgd, M::Arena>>());
        memory.value::<M>().fields_at(&Path::Root, &mut |_, field| {
            black_box(field);
        });
    }
    variant::<F>(memory);
    variant::<F::BlockInput>(memory);
    variant::<F::Biases>(memory);
    variant::<F::Int8>(memory);
    if let Some(quantize) = F::INT8 {
        quantize(memory.value(), memory.value());
    }
}
