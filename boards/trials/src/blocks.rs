//! Small networks of every kind of block and stem.

use trainlet::data::{Augmented, Scaler};
use trainlet::nn::block::{
    self, AlterStage, ConvNextBlock, LambdaBlock, MixerBlock, ResNetBlock, ResNextBlock, ReversibleBlock,
    SeparableBlock,
};
use trainlet::nn::head::{Downsampled, MeanHead};
use trainlet::nn::net::Net;
use trainlet::nn::stem::{ConvStem, InceptionStem, PatchEmbedding, Piecewise, Positioned, Statistics};

/// Classes of each network.
pub const CLASSES: usize = 3;

type Head = MeanHead<6, CLASSES>;
/// Any blocks on 7 tokens of 6 channels: sizes that fit no tile.
pub type Around<B> = Net<7, 6, PatchEmbedding<7, 2, 1, 6>, B, Head>;
/// Any stem that makes 4 tokens of them.
pub type Halved<S> = Net<4, 6, S, MixerBlock<4, 6, 5, 9>, Head>;
/// From 7 tokens to 4.
pub type Pyramid = Net<
    7,
    6,
    PatchEmbedding<7, 2, 1, 6>,
    ConvNextBlock<6, 3, 9>,
    Downsampled<6, 4, 5, 2, [ConvNextBlock<5, 3, 6>; 1], MeanHead<5, CLASSES>>,
>;

pub type Mixer = MixerBlock<7, 6, 5, 9>;
pub type Reversible = block::Reversible<ReversibleBlock<7, 3, 4, 5>, 2>;
pub type ConvNext = ConvNextBlock<6, 3, 9>;
pub type ResNet = ResNetBlock<6, 3>;
pub type ResNext = ResNextBlock<6, 8, 2, 3>;
pub type Separable = SeparableBlock<6, 9, 5>;
pub type Checkpointed = block::Checkpointed<Separable, 1, 2>;
pub type Alter = AlterStage<Separable, Mixer, 4, 1, 2>;
pub type Lambda = (LambdaBlock<7, 6, 2, 3, 3, 2, 13, 5>, LambdaBlock<7, 6, 3, 4, 2, 1, 3, 5>);
pub type Inception = Positioned<InceptionStem<7, 2, 3, 2, 8, 2, 6>, 4, 6>;
/// 14 columns with 4 bins and 2 values each, in patches of 3.
pub type Pieces = Net<5, 6, Piecewise<PatchEmbedding<14, 2, 3, 6>, 14, 4, 2>, MixerBlock<5, 6, 5, 9>, Head>;
/// A token for each of two features.
pub type Summary = Net<2, 6, Statistics<PatchEmbedding<2, 6, 1, 6>, 7, 2>, MixerBlock<2, 6, 5, 9>, Head>;
pub type Overlapping = ConvStem<7, 2, 4, 2, 6>;

/// Windows of two sensors with three axes each, changed anew in each step.
pub type Sensor = Net<4, 6, Augmented<PatchEmbedding<11, 6, 3, 6>, 6>, MixerBlock<4, 6, 5, 9>, Head>;
/// What those windows stand for: a sensor that feels gravity, and one that turns.
pub const SENSOR: Scaler<6> = Scaler { mean: [0.1, -0.2, 0.9, 0.0, 5.0, -3.0], std: [0.3, 0.4, 0.2, 40.0, 25.0, 60.0] };
