//! Networks for rows of 42 columns, such as the network flows of UNSW-NB15, and two classes: every kind of block on tokens of three
//! columns, on a token for each column, and without tokens.
#![no_std]

use trainlet::nn::block::{AlterStage, ConvNextBlock, LambdaBlock, MixerBlock, ResNextBlock, SeparableBlock};
use trainlet::nn::head::{DenseHead, MeanHead};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Net;
use trainlet::nn::stem::{DenseStem, InceptionStem, PatchEmbedding, Piecewise, Positioned};

/// Two layers on what the stem makes of the columns.
type Perceptron<S> = Net<1, 32, S, (), DenseHead<32, 2>>;
/// Blocks on 14 tokens of 16 channels, each of 3 columns and with a position of its own.
type Patches<B> = Net<14, 16, Positioned<PatchEmbedding<42, 1, 3, 16>, 14, 16>, B, MeanHead<16, 2>>;
/// Blocks on 42 tokens of 8 channels, each of a column and with a position of its own.
type Columns<B> = Net<42, 8, Positioned<PatchEmbedding<42, 1, 1, 8>, 42, 8>, B, MeanHead<8, 2>>;

/// Convolutions of three taps.
type Conv<const C: usize> = SeparableBlock<C, C, 3>;
/// A stage of two of them, and a stage of one and a Mixer block.
type Alternating<const N: usize, const C: usize, M> =
    (AlterStage<Conv<C>, M, 2, 0, 2>, AlterStage<Conv<C>, M, 2, 1, 0>);

/// Networks that are trained as a whole.
macro_rules! flows {
    ($($name:ident = $model:ty; $id:literal, $about:literal)+) => {
        $(trainlet::network!(#[doc = $about] pub $name = $model; $id, CrossEntropy, $about);)+
    };
}

flows! {
    Mlp = Perceptron<DenseStem<42, 32, 32>>;
        "mlp", "perceptron"
    Pieces8 = Perceptron<Piecewise<DenseStem<84, 32, 32>, 42, 8, 2>>;
        "pieces-8", "perceptron, 8 bins and 2 values per column"
    Mixer = Patches<[MixerBlock<14, 16, 14, 24>; 2]>;
        "mixer", "Mixer, patches of 3 columns"
    PiecesMixer = Net<
        14, 16, Piecewise<PatchEmbedding<42, 2, 3, 16>, 42, 16, 2>, [MixerBlock<14, 16, 14, 24>; 2], MeanHead<16, 2>,
    >;
        "pieces-mixer", "Mixer, patches of 3 columns with 16 bins and 2 values each"
    ConvNext = Patches<[ConvNextBlock<16, 5, 32>; 2]>;
        "convnext", "ConvNeXt, patches of 3 columns"
    ResNext = Patches<[ResNextBlock<16, 24, 4, 3>; 2]>;
        "resnext", "ResNeXt, patches of 3 columns"
    Alter = Patches<Alternating<14, 16, MixerBlock<14, 16, 14, 16>>>;
        "alter", "Alter-ResNet CC.CM, patches of 3 columns"
    Lambda = Patches<[LambdaBlock<14, 16, 4, 4, 4, 1, 27, 24>; 2]>;
        "lambda", "lambda layers, patches of 3 columns"
    Inception = Net<14, 16, InceptionStem<42, 1, 4, 4, 16, 3, 16>, [MixerBlock<14, 16, 14, 24>; 2], MeanHead<16, 2>>;
        "inception", "inception stem and Mixer, patches of 3 columns"
    MixerColumns = Columns<[MixerBlock<42, 8, 16, 16>; 2]>;
        "mixer-columns", "Mixer, a token per column"
    ConvNextColumns = Columns<[ConvNextBlock<8, 5, 16>; 2]>;
        "convnext-columns", "ConvNeXt, a token per column"
    ResNextColumns = Columns<[ResNextBlock<8, 12, 4, 3>; 2]>;
        "resnext-columns", "ResNeXt, a token per column"
    AlterColumns = Columns<Alternating<42, 8, MixerBlock<42, 8, 14, 16>>>;
        "alter-columns", "Alter-ResNet CC.CM, a token per column"
    LambdaColumns = Columns<[LambdaBlock<42, 8, 2, 4, 4, 1, 83, 16>; 2]>;
        "lambda-columns", "lambda layers, a token per column"
    InceptionColumns = Net<42, 8, InceptionStem<42, 1, 2, 2, 8, 1, 8>, [MixerBlock<42, 8, 16, 16>; 2], MeanHead<8, 2>>;
        "inception-columns", "inception stem and Mixer, a token per column"
}
