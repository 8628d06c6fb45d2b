//! Networks by name: the one list that desktop and boards share, and the macros that make more of them.

mod convolutions;
mod define;
mod masked;
mod mixer;
mod mixers;

pub use convolutions::{
    Alter4, Alter10, WatchConvNext, WatchInception, WatchLambda, WatchMlp, WatchPyramid, WatchResNet, WatchResNext,
    WatchSeparable,
};
pub use masked::{Watch12x1Latents, Watch12x1Replaced, Watch12x1Seen};
pub use mixer::{CheckpointedMixer, HeadOfMixer, Int8Mixer, LastBlockOfMixer, Mixer};
pub use mixers::{Flow3x14, Flow42x1, FlowPieces, Mlp42, Mlp42Batch, Watch24x4r};

use crate::core::tensor::Tensor;
use crate::nn::layer::BitFit;
use crate::nn::loss::{BceWithLogits, CrossEntropy, Supervised};
use crate::nn::net::Model;
use crate::optim::{DogConfig, Optimizer, Seed, State};
use crate::train::Bits;
use convolutions::WatchMlpInt8;
use mixers::{Flow42x1Int8, Mlp42Head, Mlp42Int8, Mlp42Of, Watch24x4rHead, Watch24x4rOf};

/// A model with a name, and the memory that goes with it. [`network!`](crate::network!) makes one of a model.
pub trait Network: Model<Input: Tensor> + 'static {
    /// As it is written on a command line.
    const NAME: &'static str;
    /// What it is, in a line.
    const ABOUT: &'static str;
    /// The loss it is trained with.
    type Loss: Supervised<Self::Output> + 'static;
    /// The loss without weights or smoothing.
    const LOSS: Self::Loss;
    /// The arena of a trainer: `[f32; ARENA]`.
    type Arena: Tensor;
    /// The arena of an online trainer: `[f32; ONLINE_ARENA]`.
    type Online: Tensor;
    /// The arena of a predictor: `[f32; INFER_ARENA]`.
    type Infer: Tensor;
    /// An optimiser's state in 4 bytes per weight.
    type F32: State + Tensor;
    /// An optimiser's state in 2 bytes per weight.
    type Bf16: State;
    /// An optimiser's state in 1.03 bytes per weight.
    type Block8: State;
    /// [`LayerDog`](crate::optim::LayerDog) with room for each leaf, from the weights that the seed gives.
    type Dog: Optimizer<Config = (DogConfig, Seed)>;
    /// A bit per weight: `[u32; Self::TRAINABLE.div_ceil(32)]`.
    #[allow(private_bounds, reason = "arrays of u32 are all that there is")]
    type Bits: Bits + 'static;
}

/// A network in all its variants: what its blocks keep, and which part of it is trained. A variant takes the same samples and
/// has the same loss; where a network has no such variant, it is the network itself.
pub trait Family: Network {
    /// Whether parts of it can be trained alone.
    const HAS_PARTS: bool;
    /// Keeps the slopes of activations as well: [`KeepSlopes`](crate::nn::block::KeepSlopes).
    type KeepSlopes: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Keeps the input of each branch: [`Recompute`](crate::nn::block::Recompute).
    type Recompute: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Keeps the input of each block: [`BlockInput`](crate::nn::block::BlockInput).
    type BlockInput: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Keeps the input of every second block, if there are that many: [`Checkpointed`](crate::nn::block::Checkpointed).
    type Checkpoint: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// The last block and the head are trained.
    type LastBlock: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Biases, normalisations and the head are trained: [`BitFit`].
    type Biases: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// The head is trained.
    type Head: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Predicts from bytes, and trains its head: [`Quantized`](crate::quant::Quantized).
    type Int8: Network<Input = Self::Input, Output = Self::Output, Loss = Self::Loss>;
    /// Writes the weights in bytes, where the network has that form.
    const INT8: Option<fn(&Self, &mut Self::Int8)>;
}

/// `$d` is a dollar sign, for the macros that this one makes.
macro_rules! networks {
    (($d:tt) $($kind:ident! $name:tt $model:ident [$($shape:tt)*]: $loss:ty, $about:literal;)+) => {
        $(networks!{ @$kind $model [$name, $loss, $about] $($shape)* })+

        /// All names.
        pub const NAMES: &[&str] = &[$($name),+];

        /// The type of a built-in network, by its name.
        ///
        /// ```
        /// use trainlet::networks::Network;
        ///
        /// assert_eq!(<trainlet::named!("watch-12x1")>::NAME, "watch-12x1");
        /// ```
        #[macro_export]
        macro_rules! named {
            $(($name) => { $d crate::networks::$model };)+
            ($d other:tt) => {
                compile_error!(concat!("there is no network ", $d other, "; there are: ", $($name, ", "),+))
            };
        }

        /// Calls a macro with the types of all built-in networks, with commas between them.
        ///
        /// ```
        /// use trainlet::networks::{NAMES, Network};
        ///
        /// macro_rules! names {
        ///     ($($network:ty),+) => { [$(<$network>::NAME),+] };
        /// }
        /// assert_eq!(trainlet::builtin!(names), NAMES);
        /// ```
        #[macro_export]
        macro_rules! builtin {
            ($d then:ident) => { $d then!($($d crate::networks::$model),+) };
        }
    };
    // A Mixer in all its variants.
    (@mixer $model:ident [$($about:tt)*] $($shape:tt)+) => {
        crate::__mixer!{ family [$model] [$($about)*] $($shape)+ }
    };
    // A network whose blocks are no array: there is nothing to choose but what is trained.
    (@other $model:ident [$id:literal, $loss:ty, $about:literal] $of:ident, head $head:ident $(, in bytes $int8:ident)?) => {
        crate::__memory!($model; $id, $loss, $about);
        crate::__memory!($of<BitFit>; $id, $loss, $about);
        crate::__memory!($head; $id, $loss, $about);
        $(crate::__memory!($int8; $id, $loss, $about);)?
        crate::__variants!{ $model; LastBlock = $head, Biases = $of<BitFit>, Head = $head, $(Int8 = $int8,)? }
    };
    // A network that is trained as a whole, in one way.
    (@whole $model:ident [$id:literal, $loss:ty, $about:literal] $(in bytes $int8:ident)?) => {
        crate::__family!{ $model; $id, $loss, $about; $(Int8 = $int8,)? }
    };
}

networks! {
    ($)
    mixer! "watch-12x1" Watch12x1 [
        16 positions of 6 features in patches of 1, 16 tokens of 12 channels,
        1 block of 16 and 24 hidden units, 7 outputs
    ]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 12 channels, 1 block, 7 classes";
    mixer! "watch-16x2" Watch16x2 [
        16 positions of 6 features in patches of 1, 16 tokens of 16 channels,
        2 blocks of 16 and 24 hidden units, 7 outputs
    ]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 16 channels, 2 blocks, 7 classes";
    mixer! "watch-26x2" Watch26x2 [
        16 positions of 6 features in patches of 1, 16 tokens of 26 channels,
        2 blocks of 16 and 52 hidden units, 7 outputs
    ]: CrossEntropy,
        "Mixer for 16 time steps of 6 axes, 26 channels, 2 blocks, 7 classes: as much as 128 KiB train with Adam";
    other! "watch-24x4r" Watch24x4r [Watch24x4rOf, head Watch24x4rHead]: CrossEntropy,
        "reversible Mixer for 16 time steps of 6 axes, 24 channels, 4 blocks, 7 classes";
    mixer! "flow-16x2" Flow16x2 [
        42 positions of 1 features in patches of 3, 14 tokens of 16 channels,
        2 blocks of 14 and 24 hidden units, 1 output
    ]: BceWithLogits<1>,
        "Mixer for 42 features in 14 patches, 16 channels, 2 blocks, 2 classes";
    mixer! "flow-7x6" Flow7x6 [
        42 positions of 1 features in patches of 6, 7 tokens of 16 channels,
        2 blocks of 14 and 24 hidden units, 1 output
    ]: BceWithLogits<1>,
        "Mixer for 42 features in 7 patches, 16 channels, 2 blocks, 2 classes";
    whole! "flow-42x1" Flow42x1 [in bytes Flow42x1Int8]: BceWithLogits<1>,
        "Mixer for 42 features in a token each, 16 channels, 2 blocks, 2 classes";
    whole! "flow-3x14" Flow3x14 []: BceWithLogits<1>,
        "Mixer for 42 features in 3 patches, 16 channels, 2 blocks, 2 classes";
    other! "mlp-42-64-32-1" Mlp42 [Mlp42Of, head Mlp42Head, in bytes Mlp42Int8]: BceWithLogits<1>,
        "ReLU perceptron for 42 features, 2 classes: the yardstick of other libraries";
    whole! "flow-pieces" FlowPieces []: CrossEntropy,
        "perceptron for 42 features with 16 bins and 2 values each, 2 classes: for --scaling quantile";
    mixer! "notebook" Notebook [
        42 positions of 1 features in patches of 3, 14 tokens of 198 channels,
        10 blocks of 56 and 99 hidden units, 1 output
    ]: BceWithLogits<1>,
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
    whole! "watch-mlp" WatchMlp [in bytes WatchMlpInt8]: CrossEntropy,
        "ReLU perceptron for 16 time steps of 6 axes, 7 classes";
}

// Not a network of its own, so not in the list.
crate::__memory!(Mlp42Batch; "mlp-42-64-32-1", BceWithLogits<1>, "ReLU perceptron for 42 features, eight samples side by side");
