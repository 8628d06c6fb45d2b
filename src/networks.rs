//! Networks by name: the one list that desktop and boards share.

use crate::block::{
    BlockInput, Checkpointed, Frozen, FrozenFirst, Keep, MixerBlock, Recompute, Reversible, ReversibleBlock,
};
use crate::head::{DenseHead, MeanHead};
use crate::layer::{BitFit, Full, Gelu, Relu};
use crate::loss::{BceWithLogits, Classify, CrossEntropy};
use crate::net::{Model, Net};
use crate::optim::{Bf16, Block8, State};
use crate::params::Params;
use crate::stem::{DenseStem, PatchEmbedding};
use crate::tensor::Tensor;

/// A Mixer on a sample of `L` positions with `F` features each, in patches of `P`: `N` tokens of `C` channels, `D` blocks
/// with `T` and `H` hidden units, `O` outputs. `K` says what its blocks keep, `W` what is trained.
type Mixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const D: usize,
    const T: usize,
    const H: usize,
    const O: usize,
    K,
    W,
> = Net<N, C, PatchEmbedding<L, F, P, C, W>, [MixerBlock<N, C, T, H, Gelu, K, W>; D], MeanHead<C, O>>;

/// `watch-12x1`
pub type Watch12x1 = Watch12x1Of<Keep, Full>;
type Watch12x1Of<K, W> = Mixer<16, 6, 1, 16, 12, 1, 16, 24, 7, K, W>;
/// `watch-16x2`
pub type Watch16x2 = Watch16x2Of<Keep, Full>;
type Watch16x2Of<K, W> = Mixer<16, 6, 1, 16, 16, 2, 16, 24, 7, K, W>;
/// `watch-26x2`
pub type Watch26x2 = Watch26x2Of<Keep, Full>;
type Watch26x2Of<K, W> = Mixer<16, 6, 1, 16, 26, 2, 16, 52, 7, K, W>;
/// `watch-24x4r`
pub type Watch24x4r = Watch24x4rOf<Full>;
type Watch24x4rOf<W> = Net<
    16,
    24,
    PatchEmbedding<16, 6, 1, 24, W>,
    Reversible<ReversibleBlock<16, 12, 16, 24, Gelu, W>, 4>,
    MeanHead<24, 7>,
>;
/// `flow-16x2`
pub type Flow16x2 = Flow16x2Of<Keep, Full>;
type Flow16x2Of<K, W> = Mixer<42, 1, 3, 14, 16, 2, 14, 24, 1, K, W>;
/// `flow-7x6`
pub type Flow7x6 = Flow7x6Of<Keep, Full>;
type Flow7x6Of<K, W> = Mixer<42, 1, 6, 7, 16, 2, 14, 24, 1, K, W>;
/// `notebook`
pub type Notebook = NotebookOf<Keep, Full>;
type NotebookOf<K, W> = Mixer<42, 1, 3, 14, 198, 10, 56, 99, 1, K, W>;
/// `mlp-42-64-32-1`
pub type Mlp42 = Mlp42Of<Full>;
type Mlp42Of<W> = Net<1, 32, DenseStem<42, 64, 32, Relu, W>, (), DenseHead<32, 1>>;

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
pub trait Network: Model<Input: Tensor> {
    /// As it is written on a command line.
    const NAME: &'static str;
    /// What it is, in a line.
    const ABOUT: &'static str;
    /// The loss it is trained with.
    type Loss: Classify<Self::Output>;
    /// The loss without weights or smoothing.
    const LOSS: Self::Loss;
    /// The arena of a trainer: `[f32; ARENA]`.
    type Arena: Tensor;
    /// The arena of an online trainer: `[f32; ONLINE]`.
    type Online: Tensor;
    /// The arena of a predictor: `[f32; INFER]`.
    type Infer: Tensor;
    /// An optimiser's state in 4 bytes per weight.
    type F32: State;
    /// An optimiser's state in 2 bytes per weight.
    type Bf16: State;
    /// An optimiser's state in 1.03 bytes per weight.
    type Block8: State;
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
            type Online = [f32; <$model>::ONLINE];
            type Infer = [f32; <$model>::INFER];
            type F32 = [f32; <$model>::TRAINED];
            type Bf16 = [Bf16; <$model>::TRAINED];
            type Block8 = [Block8; <$model>::TRAINED.div_ceil(Block8::LEN)];
        }
    };
}

/// Each block keeps its input.
type Smallest = BlockInput;
/// A Mixer in all its variants, whose last block comes after so many others.
macro_rules! mixer {
    ($name:literal $model:ident [$of:ident after $before:literal, checkpoint $every:literal $segments:literal]: $loss:ty, $about:literal) => {
        network!($name $model: $loss, $about);
        network!($name $of<Recompute, Full>: $loss, $about);
        network!($name $of<Smallest, Full>: $loss, $about);
        network!($name $of<Keep, BitFit>: $loss, $about);
        network!($name <$of<Recompute, Full> as Stacked>::Checkpointed<$every, $segments>: $loss, $about);
        network!($name <$model as Stacked>::LastBlock<$before>: $loss, $about);
        network!($name <$model as Stacked>::Head: $loss, $about);
        const _: () = assert!(<$model as Stacked>::LastBlock::<$before>::COUNT == $model::COUNT);
        const _: () = assert!(<$model as Stacked>::Checkpointed::<$every, $segments>::COUNT == $model::COUNT);

        impl Family for $model {
            type Recompute = $of<Recompute, Full>;
            type BlockInput = $of<Smallest, Full>;
            type Checkpoint = <$of<Recompute, Full> as Stacked>::Checkpointed<$every, $segments>;
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
            type Recompute = Self;
            type BlockInput = Self;
            type Checkpoint = Self;
            type LastBlock = $head;
            type Biases = $of<BitFit>;
            type Head = $head;
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

type Watch24x4rHead = Net<
    16,
    24,
    Frozen<PatchEmbedding<16, 6, 1, 24, Full>>,
    Frozen<Reversible<ReversibleBlock<16, 12, 16, 24, Gelu, Full>, 4>>,
    MeanHead<24, 7>,
>;
type Mlp42Head = Net<1, 32, Frozen<DenseStem<42, 64, 32>>, (), DenseHead<32, 1>>;

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
}
