//! Networks by name: the one list that desktop and boards share.

mod convolutions;
mod masked;
mod mixers;

pub use convolutions::{
    Alter4, Alter10, WatchConvNext, WatchInception, WatchLambda, WatchMlp, WatchPyramid, WatchResNet, WatchResNext,
    WatchSeparable,
};
pub use masked::{
    MASKED, Maskable, MaskedNetwork, Masking, VisitMasked, Watch12x1Replaced, Watch12x1Seen, visible_tokens,
    visit_masked,
};
pub use mixers::{Flow7x6, Flow16x2, Mlp42, Mlp42Batch, Notebook, Watch12x1, Watch16x2, Watch24x4r, Watch26x2};

use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::nn::block::{BlockInput, Checkpointed, Frozen, FrozenFirst, Keep, KeepSlopes, Recompute};
use crate::nn::layer::{All, BitFit};
use crate::nn::loss::{BceWithLogits, Classify, CrossEntropy};
use crate::nn::net::{Model, Net};
use crate::optim::{Bf16, Block8, State};
use crate::train::Bits;
use mixers::{
    Flow7x6Of, Flow16x2Of, Mlp42Head, Mlp42Of, NotebookOf, Watch12x1Of, Watch16x2Of, Watch24x4rHead, Watch24x4rOf,
    Watch26x2Of,
};

/// What can be made of a network whose blocks are an array.
pub trait Stacked {
    /// The input of every `EVERY`-th block is kept.
    type Checkpointed<const EVERY: usize, const SEGMENTS: usize>;
    /// Only the head is.
    type Head;
    /// The head and the last block are, after `BEFORE` others.
    type LastBlock<const BEFORE: usize>;
}

impl<const N: usize, const C: usize, S, B, const L: usize, H> Stacked for Net<N, C, S, [B; L], H> {
    type Checkpointed<const EVERY: usize, const SEGMENTS: usize> = Net<N, C, S, Checkpointed<B, EVERY, SEGMENTS>, H>;
    type Head = Net<N, C, Frozen<S>, Frozen<[B; L]>, H>;
    type LastBlock<const BEFORE: usize> = Net<N, C, Frozen<S>, FrozenFirst<Frozen<[B; BEFORE]>, [B; 1]>, H>;
}

/// A model with a name, and the memory that goes with it.
pub trait Network: Model<Input: Tensor> + 'static {
    /// As it is written on a command line.
    const NAME: &'static str;
    /// What it is, in a line.
    const ABOUT: &'static str;
    /// The loss it is trained with.
    type Loss: Classify<Self::Output> + 'static;
    /// The loss without weights or smoothing.
    const LOSS: Self::Loss;
    /// The arena of a trainer: `[f32; ARENA]`.
    type Arena: Tensor;
    /// The arena of an online trainer: `[f32; ONLINE_ARENA]`.
    type Online: Tensor;
    /// The arena of a predictor: `[f32; INFER]`.
    type Infer: Tensor;
    /// An optimiser's state in 4 bytes per weight.
    type F32: State + Tensor;
    /// An optimiser's state in 2 bytes per weight.
    type Bf16: State;
    /// An optimiser's state in 1.03 bytes per weight.
    type Block8: State;
    /// A bit per weight.
    type Bits: Bits + 'static;
}

/// Something to do with a network whose name is known only at run time.
pub trait Visit {
    /// What comes of it.
    type Result;
    /// Does it.
    fn visit<M: Network>(self) -> Self::Result;
}

/// A network in all its variants: what its blocks keep, and which part of it is trained.
pub trait Family: Network {
    /// Whether parts of it can be trained alone; without, the three variants for that are the network itself.
    const HAS_PARTS: bool = true;
    /// Keeps the slopes of activations beside what comes out of them: [`KeepSlopes`].
    type KeepSlopes: Variant<Self>;
    /// Keeps the input of each branch: [`Recompute`].
    type Recompute: Variant<Self>;
    /// Keeps the input of each block: [`BlockInput`].
    type BlockInput: Variant<Self>;
    /// Keeps the input of every second block, if there are that many: [`Checkpointed`].
    type Checkpoint: Variant<Self>;
    /// The last block and the head are trained.
    type LastBlock: Variant<Self>;
    /// Biases, normalisations and the head are trained: [`BitFit`].
    type Biases: Variant<Self>;
    /// The head is trained.
    type Head: Variant<Self>;
}

/// A network that takes the samples of another and is trained by the same loss.
pub trait Variant<F: Network>: Network<Input = F::Input, Output = F::Output, Loss = F::Loss> {}

impl<F: Network, M: Network<Input = F::Input, Output = F::Output, Loss = F::Loss>> Variant<F> for M {}

/// Something to do with all variants of a network whose name is known only at run time.
pub trait VisitFamily {
    /// What comes of it.
    type Result;
    /// Does it.
    fn visit<F: Family>(self) -> Self::Result;
}

macro_rules! network {
    ($name:literal $model:ty: $loss:ty, $about:literal) => {
        impl Network for $model {
            const NAME: &'static str = $name;
            const ABOUT: &'static str = $about;
            type Loss = $loss;
            const LOSS: $loss = <$loss>::new();
            type Arena = [f32; <$model>::ARENA];
            type Online = [f32; <$model>::ONLINE_ARENA];
            type Infer = [f32; <$model>::INFER];
            type F32 = [f32; <$model>::TRAINABLE];
            type Bf16 = [Bf16; <$model>::TRAINABLE];
            type Block8 = [Block8; <$model>::TRAINABLE.div_ceil(Block8::LEN)];
            type Bits = [u32; <$model>::TRAINABLE.div_ceil(32)];
        }
    };
}

/// Each block keeps its input.
type Smallest = BlockInput;
/// A Mixer in all its variants, whose last block comes after so many others.
macro_rules! mixer {
    ($name:literal $model:ident [$of:ident after $before:literal, checkpoint $every:literal $segments:literal]: $loss:ty, $about:literal) => {
        network!($name $model: $loss, $about);
        network!($name $of<KeepSlopes, All>: $loss, $about);
        network!($name $of<Recompute, All>: $loss, $about);
        network!($name $of<Smallest, All>: $loss, $about);
        network!($name $of<Keep, BitFit>: $loss, $about);
        network!($name <$of<Recompute, All> as Stacked>::Checkpointed<$every, $segments>: $loss, $about);
        network!($name <$model as Stacked>::LastBlock<$before>: $loss, $about);
        network!($name <$model as Stacked>::Head: $loss, $about);
        const _: () = assert!(<$model as Stacked>::LastBlock::<$before>::COUNT == $model::COUNT);
        const _: () = assert!(<$model as Stacked>::Checkpointed::<$every, $segments>::COUNT == $model::COUNT);

        impl Family for $model {
            type KeepSlopes = $of<KeepSlopes, All>;
            type Recompute = $of<Recompute, All>;
            type BlockInput = $of<Smallest, All>;
            type Checkpoint = <$of<Recompute, All> as Stacked>::Checkpointed<$every, $segments>;
            type LastBlock = <$model as Stacked>::LastBlock<$before>;
            type Biases = $of<Keep, BitFit>;
            type Head = <$model as Stacked>::Head;
        }
    };
}

/// A network whose blocks are no array, in all its variants: there is nothing to choose but what is trained.
macro_rules! other {
    ($name:literal $model:ident [$of:ident, head $head:ident]: $loss:ty, $about:literal) => {
        network!($name $model: $loss, $about);
        network!($name $of<BitFit>: $loss, $about);
        network!($name $head: $loss, $about);

        impl Family for $model {
            type KeepSlopes = Self;
            type Recompute = Self;
            type BlockInput = Self;
            type Checkpoint = Self;
            type LastBlock = $head;
            type Biases = $of<BitFit>;
            type Head = $head;
        }
    };
}

/// A network that is trained as a whole, in one way.
macro_rules! whole {
    ($name:literal $model:ident []: $loss:ty, $about:literal) => {
        network!($name $model: $loss, $about);

        impl Family for $model {
            const HAS_PARTS: bool = false;
            type KeepSlopes = Self;
            type Recompute = Self;
            type BlockInput = Self;
            type Checkpoint = Self;
            type LastBlock = Self;
            type Biases = Self;
            type Head = Self;
        }
    };
}

macro_rules! networks {
    ($($kind:ident! $name:literal $model:ident $variants:tt: $loss:ty, $about:literal;)+) => {
        $($kind!($name $model $variants: $loss, $about);)+

        /// All names.
        pub const NAMES: &[&str] = &[$($name),+];

        /// Calls `visitor` with the network of that name; `None` if there is none.
        pub fn visit<V: Visit>(name: &str, visitor: V) -> Option<V::Result> {
            match name {
                $($name => Some(visitor.visit::<$model>()),)+
                _ => None,
            }
        }

        /// Calls `visitor` with the network of that name in all its variants; `None` if there is none.
        pub fn visit_family<V: VisitFamily>(name: &str, visitor: V) -> Option<V::Result> {
            match name {
                $($name => Some(visitor.visit::<$model>()),)+
                _ => None,
            }
        }
    };
}

networks! {
    mixer! "watch-12x1" Watch12x1 [Watch12x1Of after 0, checkpoint 1 1]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 12 channels, 1 block, 7 classes";
    mixer! "watch-16x2" Watch16x2 [Watch16x2Of after 1, checkpoint 2 1]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    mixer! "watch-26x2" Watch26x2 [Watch26x2Of after 1, checkpoint 2 1]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 26 channels, 2 blocks, 7 classes: as much as 128 KiB train with Adam";
    other! "watch-24x4r" Watch24x4r [Watch24x4rOf, head Watch24x4rHead]: CrossEntropy,
        "reversible Mixer for 16 time steps of 6 axes, 24 channels, 4 blocks, 7 classes";
    mixer! "flow-16x2" Flow16x2 [Flow16x2Of after 1, checkpoint 2 1]: BceWithLogits<1>,
        "Mixer for 42 features in 14 patches, 16 channels, 2 blocks, 2 classes";
    mixer! "flow-7x6" Flow7x6 [Flow7x6Of after 1, checkpoint 2 1]: BceWithLogits<1>,
        "Mixer for 42 features in 7 patches, 16 channels, 2 blocks, 2 classes";
    other! "mlp-42-64-32-1" Mlp42 [Mlp42Of, head Mlp42Head]: BceWithLogits<1>,
        "ReLU perceptron for 42 features, 2 classes: the yardstick of other libraries";
    mixer! "notebook" Notebook [NotebookOf after 9, checkpoint 2 5]: BceWithLogits<1>,
        "Mixer of 198 channels and 10 blocks for 42 features; for a desktop only";
    whole! "watch-convnext" WatchConvNext []: CrossEntropy,
        "ConvNeXt for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    whole! "watch-separable" WatchSeparable []: CrossEntropy,
        "depthwise-separable convolutions for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    whole! "watch-resnet" WatchResNet []: CrossEntropy,
        "ResNet for 16 time steps of 6 axes, 14 channels, 2 blocks, 7 classes";
    whole! "watch-resnext" WatchResNext []: CrossEntropy,
        "ResNeXt for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    whole! "watch-pyramid" WatchPyramid []: CrossEntropy,
        "ConvNeXt for 16 time steps of 6 axes, 12 channels, then 8 tokens of 20, 1 block each, 7 classes";
    whole! "alter-4" Alter4 []: CrossEntropy,
        "Alter-ResNet CC.CM for 16 time steps of 6 axes, 14 channels, 7 classes";
    whole! "alter-10" Alter10 []: CrossEntropy,
        "Alter-ResNet CCC.CCM.CM.CM for 16 time steps of 6 axes, 12 channels, 7 classes";
    whole! "watch-lambda" WatchLambda []: CrossEntropy,
        "lambda layers for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    whole! "watch-inception" WatchInception []: CrossEntropy,
        "inception stem and Mixer for 8 patches of 2 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    whole! "watch-mlp" WatchMlp []: CrossEntropy,
        "ReLU perceptron for 16 time steps of 6 axes, 7 classes";
}

// Not a network of its own, so not in the list.
network!("mlp-42-64-32-1" Mlp42Batch: BceWithLogits<1>, "ReLU perceptron for 42 features, eight samples side by side");
