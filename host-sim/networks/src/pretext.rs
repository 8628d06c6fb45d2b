//! Learning from samples without their labels: what a network can be pre-trained with.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use trainlet::core::archive::Archive;
use trainlet::core::budget::Budget;
use trainlet::core::params::{Leaf, Params};
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::extra::masked::{
    self, Inputs, Latents, MaskedNet, PhaseLoss, Phases, Reconstruction, Replace, Subset, read_shared,
};
use trainlet::networks::{Flow7x6, Flow16x2, Network, Watch12x1, Watch16x2};
use trainlet::nn::block::Block;
use trainlet::nn::head::{Head, ReconstructionHead};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::Stem;
use trainlet::optim::{Adam, AdamConfig, Schedule, State};
use trainlet::train::{Config, Evaluation, Learner, Progress, StepReport, Trainer};

use super::learner::LearnerError;
use crate::optimizer::{Chosen, OptimizerSettings, Rule, StateName};

/// Ways to hide tokens, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum MaskingName {
    /// All tokens, a learnt one in place of hidden ones
    #[default]
    Replace,
    /// Visible tokens alone; a decoder of one block mixes in what stands for the others
    Subset,
}

impl std::fmt::Display for MaskingName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Replace => "replace",
            Self::Subset => "subset",
        })
    }
}

/// What is predicted of hidden tokens, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TargetName {
    /// The values of the sample
    #[default]
    Inputs,
    /// What stem and blocks make of the whole sample
    Latents,
}

impl std::fmt::Display for TargetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Inputs => "inputs",
            Self::Latents => "latents",
        })
    }
}

/// All that decides on a pre-training.
#[derive(Clone, Copy, Debug)]
pub struct PretrainSettings {
    /// Fixes every random number.
    pub seed: u64,
    /// Settings of the optimiser.
    pub adam: AdamConfig,
    /// The learning rate.
    pub schedule: Schedule,
    /// Largest norm of a gradient.
    pub clip: Option<f32>,
}

/// A task without labels in which a network's stem and blocks learn.
#[derive(Clone, Copy, Debug)]
pub struct Pretext {
    /// What the blocks see.
    pub masking: MaskingName,
    /// What is predicted.
    pub target: TargetName,
    /// Visible tokens.
    pub visible: usize,
    /// Tokens.
    pub tokens: usize,
    /// Number of its weights.
    pub parameters: usize,
    /// How many of them the network goes on with.
    pub shared: usize,
    /// RAM of its own trainer with Adam.
    pub budget: Budget,
    /// RAM of a trainer with Adam for both phases in the same memory.
    pub both: Budget,
    /// Multiply-accumulates to learn from a sample.
    pub train_macs: usize,
    start: fn(PretrainSettings) -> Result<Box<dyn Unlabelled>, OutOfRange>,
}

impl Pretext {
    /// A learner, with weights drawn from the seed.
    ///
    /// # Errors
    /// A value out of its range.
    pub fn learner(&self, settings: PretrainSettings) -> Result<Box<dyn Unlabelled>, OutOfRange> {
        (self.start)(settings)
    }
}

/// Learns from rows of numbers alone; a prediction is the loss.
pub trait Unlabelled: Learner<Input = [f32], Target = (), Output = Vec<f32>, Error = LearnerError> {
    /// The weights that the network goes on with.
    fn shared(&self) -> Vec<f32>;
}

/// The trainer of a pretext.
struct Flat<P: masked::Pretext, A> {
    trainer: Trainer<P, Reconstruction, Chosen, A>,
    input: P::Input,
}

fn start<P: masked::Pretext<Input: Tensor> + 'static, A: Tensor>(
    settings: PretrainSettings,
) -> Result<Box<dyn Unlabelled>, OutOfRange> {
    let PretrainSettings { seed, adam, schedule, clip } = settings;
    let mut flat =
        Box::new(Flat::<P, A> { trainer: Trainer::<P, Reconstruction, Chosen, A>::ZERO, input: P::Input::ZERO });
    let (rule, state) = (Rule::Adam(adam), StateName::F32);
    let optimizer = OptimizerSettings { rule, state, proximal: None, weights: P::TRAINABLE };
    // No dropout: hiding tokens is noise enough.
    let config = Config::new(seed, Reconstruction, optimizer, schedule);
    flat.trainer.init(config.clipped(clip))?;
    Ok(flat)
}

impl<P: masked::Pretext<Input: Tensor>, A: Tensor> Learner for Flat<P, A> {
    type Input = [f32];
    type Target = ();
    type Output = Vec<f32>;
    type Error = LearnerError;

    fn accumulate(&mut self, row: &[f32], (): &(), weight: f32) -> Result<f32, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.trainer.accumulate(&self.input, &(), weight)?)
    }

    fn step(&mut self) -> Result<StepReport, LearnerError> {
        Ok(self.trainer.step())
    }

    fn predict(&mut self, row: &[f32]) -> Result<Vec<f32>, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        Ok(self.trainer.predict(&self.input).flat().to_vec())
    }

    fn evaluate(&mut self, row: &[f32], (): &()) -> Result<Evaluation<Vec<f32>>, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        let Evaluation { loss, output } = self.trainer.evaluate(&self.input, &())?;
        Ok(Evaluation { loss, output: output.flat().to_vec() })
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), LearnerError> {
        self.trainer.weights.read(visit);
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.trainer.persist(archive);
    }

    fn progress(&mut self) -> Result<Progress, LearnerError> {
        Ok(Learner::progress(&mut self.trainer)?)
    }
}

impl<P: masked::Pretext<Input: Tensor>, A: Tensor> Unlabelled for Flat<P, A> {
    fn shared(&self) -> Vec<f32> {
        let mut shared = vec![0.0; P::SHARED];
        read_shared(&self.trainer.weights, &mut shared);
        shared
    }
}

/// The pretexts of a Mixer, which predict `P` values of a token: those of a patch if `T` is `Inputs`, the channels if it is
/// `Latents`.
trait Maskable {
    /// Hidden tokens are replaced.
    type Replaced<const VISIBLE: usize, T, const P: usize>;
    /// The blocks see visible tokens alone.
    type Seen<const VISIBLE: usize, T, const P: usize>;
}

impl<const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, const L: usize, H: Head<N, C>> Maskable
    for Net<N, C, S, [B; L], H>
{
    type Replaced<const VISIBLE: usize, T, const P: usize> =
        MaskedNet<N, VISIBLE, C, S, [B; L], (), ReconstructionHead<C, P>, Replace, T>;
    type Seen<const VISIBLE: usize, T, const P: usize> =
        MaskedNet<N, VISIBLE, C, S, [B; L], [B; 1], ReconstructionHead<C, P>, Subset, T>;
}

type Both<P, M, F32, A> = Trainer<Phases<P, M>, PhaseLoss<<M as Network>::Loss>, Adam<F32>, A>;

/// Of types that are spelt out, since the length of an array cannot be that of a generic type.
struct Sizes<P, M, F32, A, BothF32, BothA>(std::marker::PhantomData<(P, M, F32, A, BothF32, BothA)>);

impl<P, M, F32, A, BothF32, BothA> Sizes<P, M, F32, A, BothF32, BothA>
where
    P: masked::Pretext<Input = M::Input> + 'static,
    M: Network,
    F32: State,
    A: Tensor,
    BothF32: State,
    BothA: Tensor,
{
    fn pretext(masking: MaskingName, target: TargetName) -> Pretext {
        Pretext {
            masking,
            target,
            visible: P::VISIBLE,
            tokens: P::TOKENS,
            parameters: <P as Params>::COUNT,
            shared: P::SHARED,
            budget: Trainer::<P, Reconstruction, Adam<F32>, A>::BUDGET,
            both: Both::<P, M, BothF32, BothA>::BUDGET,
            train_macs: <P as Model>::COST.train_macs,
            start: start::<P, A>,
        }
    }
}

macro_rules! masking {
    (Replaced) => {
        MaskingName::Replace
    };
    (Seen) => {
        MaskingName::Subset
    };
}

macro_rules! pretext {
    ($model:ident, $pretext:ident, $target:ident, $visible:literal, $values:literal) => {
        pretext!(
            @of $model, <$model as Maskable>::$pretext<$visible, $target, $values>,
            masking!($pretext), TargetName::$target
        )
    };
    (@of $model:ty, $pretext:ty, $masking:expr, $target:expr) => {
        Sizes::<
            $pretext,
            $model,
            [f32; <$pretext as Params>::TRAINABLE],
            [f32; <$pretext as Model>::ARENA],
            [f32; <Phases<$pretext, $model> as Params>::TRAINABLE],
            [f32; <Phases<$pretext, $model> as Model>::ARENA],
        >::pretext($masking, $target)
    };
}

macro_rules! masked {
    ($($model:ident, patches of $patch:literal, channels $channels:literal, visible $($visible:literal)+;)+) => {
        /// What the built-in network of that name can be pre-trained with.
        pub(super) fn of(name: &str) -> Vec<Pretext> {
            $(if name == <$model as Network>::NAME {
                return vec![
                    $(pretext!($model, Replaced, Inputs, $visible, $patch),)+
                    $(pretext!($model, Seen, Inputs, $visible, $patch),)+
                    $(pretext!($model, Replaced, Latents, $visible, $channels),)+
                    $(pretext!($model, Seen, Latents, $visible, $channels),)+
                ];
            })+
            Vec::new()
        }
    };
}

masked! {
    Watch12x1, patches of 6, channels 12, visible 4 8 12;
    Watch16x2, patches of 6, channels 16, visible 4 8 12;
    Flow16x2, patches of 3, channels 16, visible 4 7 11;
    Flow7x6, patches of 6, channels 16, visible 2 4 5;
}
