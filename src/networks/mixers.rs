//! The reversible Mixer, those of other patches, the perceptron that other libraries are measured with, and the one with bins.

use crate::nn::block::{Frozen, Reversible, ReversibleBlock};
use crate::nn::head::{DenseHead, MeanHead};
use crate::nn::layer::{All, Gelu, Relu};
use crate::nn::micro_batch::MicroBatch;
use crate::nn::net::Net;
use crate::nn::stem::{DenseStem, PatchEmbedding, Piecewise};
use crate::quant::QuantDenseStem;

use super::{Int8Mixer, Mixer};

/// `watch-24x4r`
pub type Watch24x4r = Watch24x4rOf<All>;
pub(super) type Watch24x4rOf<W> = Net<16, 24, PatchEmbedding<16, 6, 1, 24, W>, ReversibleBlocks<W>, MeanHead<24, 7>>;
pub(super) type Watch24x4rHead =
    Net<16, 24, Frozen<PatchEmbedding<16, 6, 1, 24, All>>, Frozen<ReversibleBlocks<All>>, MeanHead<24, 7>>;
type ReversibleBlocks<W> = Reversible<ReversibleBlock<16, 12, 16, 24, Gelu, W>, 4>;

/// `flow-42x1`: `flow-7x6` with a token for each column.
pub type Flow42x1 = Mixer<42, 1, 1, 42, 16, 2, 14, 24, 1>;
pub(super) type Flow42x1Int8 = Int8Mixer<42, 1, 1, 42, 16, 2, 14, 24, 1>;
/// `flow-3x14`: `flow-7x6` with 14 columns in a token.
pub type Flow3x14 = Mixer<42, 1, 14, 3, 16, 2, 14, 24, 1>;

/// `flow-pieces`: two piecewise-linear functions of each column with 16 bins, then a perceptron.
pub type FlowPieces = Net<1, 32, Piecewise<DenseStem<84, 32, 32>, 42, 16, 2>, (), DenseHead<32, 2>>;

/// `mlp-42-64-32-1`
pub type Mlp42 = Mlp42Of<All>;
/// `mlp-42-64-32-1` with memory for eight samples side by side.
pub type Mlp42Batch = MicroBatch<Mlp42, 8>;
pub(super) type Mlp42Of<W> = Net<1, 32, DenseStem<42, 64, 32, Relu, W>, (), DenseHead<32, 1>>;
pub(super) type Mlp42Head = Net<1, 32, Frozen<DenseStem<42, 64, 32>>, (), DenseHead<32, 1>>;
pub(super) type Mlp42Int8 = Net<1, 32, Frozen<QuantDenseStem<42, 64, 32, Relu>>, Frozen<()>, DenseHead<32, 1>>;
