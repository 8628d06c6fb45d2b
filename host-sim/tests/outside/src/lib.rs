//! Networks for three gestures and for two angles, each told by nine numbers.
#![no_std]

use trainlet::nn::block::{ConvNextBlock, ResNextBlock};
use trainlet::nn::head::{DenseHead, FlatHead};
use trainlet::nn::layer::Tanh;
use trainlet::nn::loss::{CrossEntropy, Mse};
use trainlet::nn::net::Net;
use trainlet::nn::stem::{ConvStem, DenseStem, Positioned, Statistics};
use trainlet::quant::Quantized;

trainlet::network! {
    /// A perceptron, which is trained as a whole.
    pub Gesture = Net<1, 16, DenseStem<9, 24, 16>, (), DenseHead<16, 3>>; "gesture", CrossEntropy, "9 numbers, 3 gestures"
}

type Values = Net<1, 16, DenseStem<9, 24, 16>, (), DenseHead<16, 2>>;

trainlet::network! {
    /// A perceptron that predicts values, from bytes as well.
    pub Tilt = Values; "tilt", Mse, "9 numbers, 2 values";
    Int8 = Quantized<Values>,
}

trainlet::mixer! {
    /// A Mixer with all its variants.
    pub Steps; "gesture-steps", CrossEntropy, "3 time steps of 3 axes, 3 gestures";
    3 positions of 3 features in patches of 1, 3 tokens of 8 channels, 2 blocks of 4 and 16 hidden units, 3 outputs
}

trainlet::network! {
    /// Parts that no built-in network has: on the other side of an export they must do the same.
    pub Waves = Net<
        5, 8, Positioned<ConvStem<9, 1, 4, 2, 8>, 5, 8>, ([ConvNextBlock<8, 3, 8, Tanh>; 1], ResNextBlock<8, 8, 2, 3>), FlatHead<5, 8, 3>,
    >; "gesture-waves", CrossEntropy, "convolutions of 9 numbers, 3 gestures"
}

trainlet::network! {
    /// Statistics of a window.
    pub Moments = Net<1, 8, Statistics<DenseStem<18, 8, 8, Tanh>, 3, 3>, (), DenseHead<8, 3>>;
        "gesture-moments", CrossEntropy, "statistics of 3 time steps of 3 axes, 3 gestures"
}
