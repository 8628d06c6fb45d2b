//! The list of trials. A trial is a line: what it is a trial of, its name, the trainer it needs, and how that starts.

use core::iter;
use core::marker::PhantomData;

use trainlet::core::params::Params as _;
use trainlet::core::setting::OutOfRange;
use trainlet::data::Augmentation;
use trainlet::extra::masked::PhaseLoss;
use trainlet::extra::monitor::{Monitored, MonitoredConfig, Thresholds};
use trainlet::networks::{Family, Network, Watch12x1, Watch12x1Latents, Watch12x1Replaced, Watch12x1Seen};
use trainlet::nn::loss::{CrossEntropy, Supervised, Task};
use trainlet::nn::net::Model as _;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Distribution, DogConfig, Gate, LayerDog, Lion, Momentum, NoiseConfig,
    NoiseShape, Noisy, Proximal, ProximalConfig, Redrawn, Schedule, ScheduleFree, SecondOnly, Seed, Sgd,
};
use trainlet::train::{Ascent, Config, Dynamic, DynamicConfig, Fisher, Learner, NoMask, TopK, Trainer};

use crate::blocks::{self, Around, Halved, Mixer, Pyramid, Separable};
use crate::curvature::Curvature;
use crate::settings::{Mode, config};
use crate::trainers::{
    AdamF32, AllOfThem, Batches, Bf16, Bits, Block8, Both, F32, HALF, Half, OnePass, Plain, Singles, TwoPasses, Weights,
};
use crate::trial::{Trial, TrialState, VisitTrial};

/// What something is a trial of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is kept for the backward pass, the optimiser, and how its state is stored; for any network.
    Mode,
    /// Regularising the update, and looking at it; for watch-12x1.
    Idea,
    /// Learning without labels, and then with them in the same memory: half of the steps each; for watch-12x1.
    Pretraining,
    /// A kind of block or stem in a small network.
    Block,
}

/// How many different labels samples have that are labelled by values.
pub const VALUES: u32 = 3;

/// A trial by name, of the network `F` if it is one for any.
pub trait Listed {
    /// The trial.
    type Of<F: Family>: Trial;
}

/// A way of training any network.
macro_rules! mode {
    ($name:tt $trial:ident { $learner:ty }) => {
        #[doc = concat!("`", $name, "`")]
        pub struct $trial<F = ()>(PhantomData<F>);

        impl Listed for $trial {
            type Of<F: Family> = $trial<F>;
        }

        impl<F: Family> Trial for $trial<F> {
            const NAME: &'static str = $name;
            type Model = <$learner as Mode>::Network;
            type Learner = $learner;
            type Beside = ();
            const CLASSES: u32 = match <F::Loss as Supervised<F::Output>>::TASK {
                Task::Classify { classes } => classes as u32,
                Task::Regress { .. } => VALUES,
            };
            const SAMPLES: u32 = u32::MAX;
            const USUAL_BATCH: u32 = <$learner as Mode>::USUAL_BATCH;

            fn start(learner: &mut $learner, steps: u32, random: bool) -> Result<(), OutOfRange> {
                Mode::start(learner, steps, random)
            }

            fn target(_: &$learner, class: usize) -> <$learner as Learner>::Target {
                F::Loss::target(iter::repeat(class as f32))
            }
        }
    };
}

macro_rules! or_unit {
    () => {
        ()
    };
    ($beside:ty) => {
        $beside
    };
}

/// A trial of one network, with a closure that starts it.
macro_rules! idea {
    ($name:tt $trial:ident { $learner:ty, |$value:ident, $config:ident, $steps:ident| $start:expr $(, $beside:ty)? }) => {
        #[doc = concat!("`", $name, "`")]
        pub struct $trial;

        impl Listed for $trial {
            type Of<F: Family> = Self;
        }

        impl Trial for $trial {
            const NAME: &'static str = $name;
            type Model = Watch12x1;
            type Learner = $learner;
            type Beside = or_unit!($($beside)?);
            const CLASSES: u32 = 7;
            const SAMPLES: u32 = 8;

            fn start($value: &mut $learner, $steps: u32, random: bool) -> Result<(), OutOfRange> {
                let $config = config(Watch12x1::LOSS, AdamConfig::adam(), 5e-3, $steps, random).clipped(1.0);
                $start
            }

            fn target(_: &$learner, class: usize) -> usize {
                class
            }
        }
    };
}

/// Pre-training and training.
macro_rules! pretraining {
    ($name:tt $trial:ident { $pretext:ty }) => {
        #[doc = concat!("`", $name, "`")]
        pub struct $trial;

        impl Listed for $trial {
            type Of<F: Family> = Self;
        }

        impl Trial for $trial {
            const NAME: &'static str = $name;
            type Model = Both<$pretext>;
            type Learner = Trainer<
                Both<$pretext>,
                PhaseLoss<CrossEntropy>,
                Adam<[f32; Both::<$pretext>::TRAINABLE]>,
                [f32; Both::<$pretext>::ARENA],
            >;
            type Beside = ();
            const CLASSES: u32 = 7;
            const SAMPLES: u32 = 8;

            /// Without labels.
            fn start(learner: &mut Self::Learner, steps: u32, random: bool) -> Result<(), OutOfRange> {
                let config = config(PhaseLoss::Unlabelled, AdamConfig::adam(), 5e-3, steps, random);
                learner.init(config.clipped(1.0))
            }

            fn target(learner: &Self::Learner, class: usize) -> Option<usize> {
                learner.weights.classifier().map(|_| class)
            }

            fn rehearse(state: &mut TrialState<Self>, steps: u32) -> Result<(), OutOfRange> {
                let unlabelled = steps / 2;
                let labelled = steps - unlabelled;
                state.start(unlabelled, true)?;
                state.steps(unlabelled);
                let loss = PhaseLoss::Labelled(Watch12x1::LOSS);
                state.learner.fine_tune(config(loss, AdamConfig::adam(), 5e-3, labelled, true).clipped(1.0))?;
                state.restart_samples();
                state.steps(labelled);
                Ok(())
            }
        }
    };
}

/// A kind of block or stem in a network of 3 classes, with a closure that prepares the network if that is needed.
macro_rules! block {
    ($name:tt $trial:ident { $model:ty $(, |$network:ident| $prepare:expr)? }) => {
        #[doc = concat!("`", $name, "`")]
        pub struct $trial;

        impl Listed for $trial {
            type Of<F: Family> = Self;
        }

        impl Trial for $trial {
            const NAME: &'static str = $name;
            type Model = $model;
            type Learner = Trainer<$model, CrossEntropy, Adam<[f32; <$model>::TRAINABLE]>, [f32; <$model>::ARENA]>;
            type Beside = ();
            const CLASSES: u32 = blocks::CLASSES as u32;
            const SAMPLES: u32 = u32::MAX;

            fn start(learner: &mut Self::Learner, steps: u32, random: bool) -> Result<(), OutOfRange> {
                $({
                    let $network = &mut learner.weights;
                    $prepare?;
                })?
                let config = config(CrossEntropy::new(), AdamConfig::adamw(0.01), 5e-3, steps, random);
                learner.init(config.clipped(1.0))
            }

            fn target(_: &Self::Learner, class: usize) -> usize {
                class
            }
        }
    };
}

macro_rules! kind {
    (mode) => {
        Kind::Mode
    };
    (idea) => {
        Kind::Idea
    };
    (pretraining) => {
        Kind::Pretraining
    };
    (block) => {
        Kind::Block
    };
}

macro_rules! trials {
    ($($kind:ident $name:tt $trial:ident $body:tt)+) => {
        $($kind! { $name $trial $body })+

        /// All trials by name.
        pub const LIST: &[(Kind, &str)] = &[$((kind!($kind), $name)),+];

        /// Calls `visitor` with each trial of this kind that the network has.
        pub fn visit<F: Family>(kind: Kind, visitor: &mut impl VisitTrial) {
            $(if kind == kind!($kind) && (F::HAS_PARTS || !trains_a_part($name)) {
                visitor.visit::<<$trial as Listed>::Of<F>>();
            })+
        }

        /// The trial by that name.
        macro_rules! trial {
            $(($name) => { $crate::list::$trial };)+
        }
        pub(crate) use trial;
    };
}

/// Whether a mode, by its name, leaves some of the weights as they are.
pub fn trains_a_part(mode: &str) -> bool {
    ["last-block", "biases", "head"].iter().any(|part| mode.starts_with(part))
}

fn noise(steps: u32) -> NoiseConfig {
    NoiseConfig::new(0.5, steps / 10, steps)
}

fn dynamic(steps: u32) -> DynamicConfig {
    DynamicConfig { sparsity: HALF, every: 4, rate: 0.5, end: steps }
}

trials! {
    mode "keep-adam" KeepAdam { Batches<F, Adam<F32<F>>> }
    mode "keep-slopes-adam" KeepSlopesAdam { Batches<F::KeepSlopes, Adam<F32<F::KeepSlopes>>> }
    mode "recompute-adam" RecomputeAdam { Batches<F::Recompute, Adam<F32<F::Recompute>>> }
    mode "block-input-adam" BlockInputAdam { Batches<F::BlockInput, Adam<F32<F::BlockInput>>> }
    mode "checkpoint-adam" CheckpointAdam { Batches<F::Checkpoint, Adam<F32<F::Checkpoint>>> }
    mode "recompute-adam-bf16" RecomputeAdamBf16 { Batches<F::Recompute, Adam<Bf16<F::Recompute>>> }
    mode "recompute-adam-8bit" RecomputeAdam8bit { Batches<F::Recompute, Adam<Block8<F::Recompute>>> }
    mode "recompute-lion" RecomputeLion { Batches<F::Recompute, Lion<F32<F::Recompute>>> }
    mode "recompute-momentum" RecomputeMomentum { Batches<F::Recompute, Momentum<F32<F::Recompute>>> }
    mode "recompute-momentum-bf16" RecomputeMomentumBf16 { Batches<F::Recompute, Momentum<Bf16<F::Recompute>>> }
    mode "recompute-momentum-8bit" RecomputeMomentum8bit { Batches<F::Recompute, Momentum<Block8<F::Recompute>>> }
    mode "recompute-sgd" RecomputeSgd { Batches<F::Recompute, Sgd> }
    mode "keep-schedule-free" KeepScheduleFree { Batches<F, ScheduleFree<Adam<SecondOnly<F32<F>>>, F32<F>>> }
    mode "keep-schedule-free-sgd" KeepScheduleFreeSgd { Batches<F, ScheduleFree<Sgd, F32<F>>> }
    mode "online-adam" OnlineAdam { Singles<F::BlockInput, Adam<F32<F::BlockInput>>> }
    mode "online-adam-8bit" OnlineAdam8bit { Singles<F::BlockInput, Adam<Block8<F::BlockInput>>> }
    mode "online-momentum-8bit" OnlineMomentum8bit { Singles<F::BlockInput, Momentum<Block8<F::BlockInput>>> }
    mode "online-sgd" OnlineSgd { Singles<F::BlockInput, Sgd> }
    mode "last-block-adam" LastBlockAdam { Batches<F::LastBlock, Adam<F32<F::LastBlock>>> }
    mode "biases-adam" BiasesAdam { Batches<F::Biases, Adam<F32<F::Biases>>> }
    mode "head-adam" HeadAdam { Batches<F::Head, Adam<F32<F::Head>>> }

    idea "adam" IdeaAdam { Plain<AdamF32>, |trainer, config, _steps| trainer.init(config) }
    idea "sam" IdeaSam { TwoPasses<Weights, NoMask>, |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), ()) }
    idea "asam" IdeaAsam { TwoPasses<Weights, NoMask>, |trainer, config, _steps| trainer.init(config, Ascent::asam(0.5), ()) }
    idea "sam-top-k" IdeaSamTopK {
        TwoPasses<Half, TopK<Bits>>,
        |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), HALF)
    }
    idea "sam-dynamic" IdeaSamDynamic {
        TwoPasses<Half, Dynamic<Bits>>,
        |trainer, config, steps| trainer.init(config, Ascent::sam(0.05), dynamic(steps))
    }
    idea "sam-fisher" IdeaSamFisher {
        TwoPasses<Weights, Fisher<Bits>>,
        |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05), HALF)
    }
    idea "sam-single-step" IdeaSamSingleStep { OnePass, |trainer, config, _steps| trainer.init(config, Ascent::sam(0.05)) }
    idea "noise" IdeaNoise {
        Plain<Noisy<AdamF32>>,
        |trainer, config, steps| trainer.init(config.with_optimizer(|adam| (adam, noise(steps))))
    }
    idea "noise-karras" IdeaNoiseKarras {
        Plain<Noisy<AdamF32>>,
        |trainer, config, steps| {
            let noise = NoiseConfig { shape: NoiseShape::Karras, law: Distribution::Gaussian, ..noise(steps) };
            trainer.init(config.with_optimizer(|adam| (adam, noise)))
        }
    }
    idea "noise-gated" IdeaNoiseGated {
        Plain<Noisy<AdamF32>>,
        |trainer, config, steps| {
            // On random samples the gradient hardly shrinks; the gate is to open now and then.
            let gate = Some(Gate { threshold: 0.9, patience: 2 });
            trainer.init(config.with_optimizer(|adam| (adam, NoiseConfig { gate, ..noise(steps) })))
        }
    }
    idea "ema" IdeaEma {
        Plain<Averaged<AdamF32, Weights>>,
        |trainer, config, _steps| {
            let average = AverageConfig::of_width(0.1)?;
            trainer.init(config.with_optimizer(|adam| (adam, average)))
        }
    }
    idea "sam-noise-ema" IdeaSamNoiseEma {
        AllOfThem,
        |trainer, config, steps| {
            let average = AverageConfig::of_width(0.1)?;
            let config = config.with_optimizer(|adam| ((adam, noise(steps)), average));
            trainer.init(config, Ascent::sam(0.05), ())
        }
    }
    idea "dog" IdeaDog {
        Plain<Averaged<LayerDog<Redrawn<Watch12x1>, { Watch12x1::LEAVES }>, Weights>>,
        |trainer, config, _steps| {
            let (dog, average) = (DogConfig { start: 1e-3, ..DogConfig::new() }, AverageConfig::of_width(0.1)?);
            let optimizer = ((dog, Seed(config.seed)), average);
            trainer.init(Config { schedule: Schedule::constant(1.0), ..config }.with_optimizer(|_| optimizer))
        }
    }
    idea "proximal" IdeaProximal {
        Plain<Proximal<AdamF32, Redrawn<Watch12x1>>>,
        |trainer, config, _steps| {
            let proximal = ProximalConfig { pull: 0.1, anchor: Seed(config.seed) };
            trainer.init(config.with_optimizer(|adam| (adam, proximal)))
        }
    }
    idea "monitor" IdeaMonitor {
        Plain<Monitored<AdamF32, 20, 2>>,
        |trainer, config, _steps| trainer.init(config.with_optimizer(|adam| MonitoredConfig::new(adam, Thresholds::adam())))
    }
    idea "lanczos" IdeaLanczos { Plain<AdamF32>, |trainer, config, _steps| trainer.init(config), Curvature }

    // Mask tokens stand in the place of hidden ones.
    pretraining "masked-replace" MaskedReplace { Watch12x1Replaced }
    // The blocks see the visible tokens alone.
    pretraining "masked-subset" MaskedSubset { Watch12x1Seen }
    // Mask tokens, and latents to predict.
    pretraining "masked-latents" MaskedLatents { Watch12x1Latents }

    block "block-mixer" BlockMixer { Around<[Mixer; 2]> }
    block "block-reversible" BlockReversible { Around<blocks::Reversible> }
    block "block-convnext" BlockConvNext { Around<[blocks::ConvNext; 2]> }
    block "block-resnet" BlockResNet { Around<[blocks::ResNet; 2]> }
    block "block-resnext" BlockResNext { Around<[blocks::ResNext; 2]> }
    block "block-separable" BlockSeparable { Around<[Separable; 2]> }
    block "block-checkpointed" BlockCheckpointed { Around<blocks::Checkpointed> }
    block "block-alter" BlockAlter { Around<blocks::Alter> }
    block "block-lambda" BlockLambda { Around<blocks::Lambda> }
    block "block-inception" BlockInception { Halved<blocks::Inception> }
    block "block-overlapping" BlockOverlapping { Halved<blocks::Overlapping> }
    block "block-pieces" BlockPieces { blocks::Pieces }
    block "block-statistics" BlockStatistics { blocks::Summary }
    block "block-pyramid" BlockPyramid { Pyramid }
    block "augmented" BlockAugmented {
        blocks::Sensor,
        |network| network.stem.set(Augmentation::SENSOR, blocks::SENSOR)
    }
}
