//! Networks for the watch recordings, 16 time steps of 6 axes and 7 classes, that mix the steps by something else than a Mixer.

use crate::nn::block::{
    AlterStage, ConvNextBlock, Frozen, LambdaBlock, MixerBlock, ResNetBlock, ResNextBlock, SeparableBlock,
};
use crate::nn::head::{DenseHead, Downsampled, MeanHead};
use crate::nn::layer::Relu;
use crate::nn::net::Net;
use crate::nn::stem::{DenseStem, InceptionStem, PatchEmbedding};
use crate::quant::QuantDenseStem;

/// Blocks of any kind on `C` channels, a token for each time step.
type Steps<const C: usize, B> = Net<16, C, PatchEmbedding<16, 6, 1, C>, B, MeanHead<C, 7>>;

/// `watch-convnext`
pub type WatchConvNext = Steps<16, [ConvNextBlock<16, 5, 32>; 2]>;
/// `watch-resnet`
pub type WatchResNet = Steps<14, [ResNetBlock<14, 3>; 2]>;
/// `watch-resnext`
pub type WatchResNext = Steps<16, [ResNextBlock<16, 24, 4, 3>; 2]>;
/// `watch-separable`
pub type WatchSeparable = Steps<16, [SeparableBlock<16, 32, 5>; 2]>;
/// `alter-4`: two stages, `CC` and `CM`.
pub type Alter4 = Steps<14, (Plain<14, 2>, Mixed<14>)>;
/// `alter-10`: four stages, `CCC`, `CCM`, `CM` and `CM`.
pub type Alter10 = Steps<12, (Plain<12, 3>, AlterStage<Conv<12>, Mixer<12>, 3, 1, 1>, Mixed<12>, Mixed<12>)>;
/// `watch-pyramid`
pub type WatchPyramid = Net<
    16,
    12,
    PatchEmbedding<16, 6, 1, 12>,
    [ConvNextBlock<12, 5, 24>; 1],
    Downsampled<12, 8, 20, 2, [ConvNextBlock<20, 5, 40>; 1], MeanHead<20, 7>>,
>;
/// `watch-lambda`
pub type WatchLambda = Steps<16, [LambdaBlock<16, 16, 4, 4, 4, 1, 31, 24>; 2]>;
/// `watch-inception`: the convolutions stand before the patches of two steps, a Mixer behind them.
pub type WatchInception =
    Net<8, 16, InceptionStem<16, 6, 4, 4, 16, 2, 16>, [MixerBlock<8, 16, 16, 28>; 2], MeanHead<16, 7>>;
/// `watch-mlp`
pub type WatchMlp = Net<1, 28, DenseStem<96, 28, 28>, (), DenseHead<28, 7>>;
pub(super) type WatchMlpInt8 = Net<1, 28, Frozen<QuantDenseStem<96, 28, 28, Relu>>, Frozen<()>, DenseHead<28, 7>>;

type Conv<const C: usize> = SeparableBlock<C, C, 3>;
type Mixer<const C: usize> = MixerBlock<16, C, 16, 24>;
/// A stage of convolutions alone.
type Plain<const C: usize, const BLOCKS: usize> = AlterStage<Conv<C>, Mixer<C>, BLOCKS, 0, BLOCKS>;
/// A stage of a convolution and a Mixer block.
type Mixed<const C: usize> = AlterStage<Conv<C>, Mixer<C>, 2, 1, 0>;
