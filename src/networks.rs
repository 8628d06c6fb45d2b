//! Networks by name: the one list that desktop and boards share.

use crate::block::MixerBlock;
use crate::head::{DenseHead, MeanHead};
use crate::loss::{BceWithLogits, Classify, CrossEntropy};
use crate::net::{Model, Net};
use crate::optim::{Bf16, Block8, State};
use crate::params::Params;
use crate::stem::{DenseStem, PatchEmbedding};
use crate::tensor::Tensor;

/// A Mixer on `N` time steps of `F` features each: `C` channels, `L` blocks with `T` and `H` hidden units, `K` classes.
type SequenceMixer<
    const N: usize,
    const F: usize,
    const C: usize,
    const L: usize,
    const T: usize,
    const H: usize,
    const K: usize,
> = Net<N, C, PatchEmbedding<N, F, 1, C>, [MixerBlock<N, C, T, H>; L], MeanHead<C, K>>;

/// A Mixer on a table row of `F` features in `N` patches of `P`: `C` channels, `L` blocks with `T` and `H` hidden
/// units, one logit.
type TableMixer<
    const F: usize,
    const N: usize,
    const P: usize,
    const C: usize,
    const L: usize,
    const T: usize,
    const H: usize,
> = Net<N, C, PatchEmbedding<F, 1, P, C>, [MixerBlock<N, C, T, H>; L], MeanHead<C, 1>>;

/// `watch-12x1`
pub type Watch12x1 = SequenceMixer<16, 6, 12, 1, 16, 24, 7>;
/// `watch-16x2`
pub type Watch16x2 = SequenceMixer<16, 6, 16, 2, 16, 24, 7>;
/// `flow-16x2`
pub type Flow16x2 = TableMixer<42, 14, 3, 16, 2, 14, 24>;
/// `flow-7x6`
pub type Flow7x6 = TableMixer<42, 7, 6, 16, 2, 14, 24>;
/// `mlp-42-64-32-1`
pub type Mlp42 = Net<1, 32, DenseStem<42, 64, 32>, (), DenseHead<32, 1>>;
/// `notebook`
pub type Notebook = TableMixer<42, 14, 3, 198, 10, 56, 99>;

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

macro_rules! networks {
    ($($name:literal $model:ty: $loss:ty, $about:literal;)+) => {
        $(impl Network for $model {
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
        })+

        /// All names.
        pub const NAMES: &[&str] = &[$($name),+];

        /// Calls `visitor` with the network of that name; `None` if there is none.
        pub fn visit<V: Visit>(name: &str, visitor: V) -> Option<V::Result> {
            match name {
                $($name => Some(visitor.visit::<$model>()),)+
                _ => None,
            }
        }
    };
}

networks! {
    "watch-12x1" Watch12x1: CrossEntropy, "Mixer for 16 time steps of 6 axes, 12 channels, 1 block, 7 classes";
    "watch-16x2" Watch16x2: CrossEntropy, "Mixer for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    "flow-16x2" Flow16x2: BceWithLogits<1>, "Mixer for 42 features in 14 patches, 16 channels, 2 blocks, 2 classes";
    "flow-7x6" Flow7x6: BceWithLogits<1>, "Mixer for 42 features in 7 patches, 16 channels, 2 blocks, 2 classes";
    "mlp-42-64-32-1" Mlp42: BceWithLogits<1>, "ReLU perceptron for 42 features, 2 classes: the yardstick of other libraries";
    "notebook" Notebook: BceWithLogits<1>, "Mixer of 198 channels and 10 blocks for 42 features; for a desktop only";
}
