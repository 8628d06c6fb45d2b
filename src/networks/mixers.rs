//! Mixers, and the perceptron that other libraries are measured with.

use crate::nn::block::{Frozen, Keep, MixerBlock, Reversible, ReversibleBlock};
use crate::nn::head::{DenseHead, MeanHead};
use crate::nn::layer::{All, Gelu, Relu};
use crate::nn::micro_batch::MicroBatch;
use crate::nn::net::Net;
use crate::nn::stem::{DenseStem, PatchEmbedding};

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
pub type Watch12x1 = Watch12x1Of<Keep, All>;
pub(super) type Watch12x1Of<K, W> = Mixer<16, 6, 1, 16, 12, 1, 16, 24, 7, K, W>;
/// `watch-16x2`
pub type Watch16x2 = Watch16x2Of<Keep, All>;
pub(super) type Watch16x2Of<K, W> = Mixer<16, 6, 1, 16, 16, 2, 16, 24, 7, K, W>;
/// `watch-26x2`
pub type Watch26x2 = Watch26x2Of<Keep, All>;
pub(super) type Watch26x2Of<K, W> = Mixer<16, 6, 1, 16, 26, 2, 16, 52, 7, K, W>;
/// `watch-24x4r`
pub type Watch24x4r = Watch24x4rOf<All>;
pub(super) type Watch24x4rOf<W> = Net<
    16,
    24,
    PatchEmbedding<16, 6, 1, 24, W>,
    Reversible<ReversibleBlock<16, 12, 16, 24, Gelu, W>, 4>,
    MeanHead<24, 7>,
>;
/// `flow-16x2`
pub type Flow16x2 = Flow16x2Of<Keep, All>;
pub(super) type Flow16x2Of<K, W> = Mixer<42, 1, 3, 14, 16, 2, 14, 24, 1, K, W>;
/// `flow-7x6`
pub type Flow7x6 = Flow7x6Of<Keep, All>;
pub(super) type Flow7x6Of<K, W> = Mixer<42, 1, 6, 7, 16, 2, 14, 24, 1, K, W>;
/// `notebook`
pub type Notebook = NotebookOf<Keep, All>;
pub(super) type NotebookOf<K, W> = Mixer<42, 1, 3, 14, 198, 10, 56, 99, 1, K, W>;
/// `mlp-42-64-32-1`
pub type Mlp42 = Mlp42Of<All>;
/// `mlp-42-64-32-1` with memory for eight samples side by side.
pub type Mlp42Batch = MicroBatch<Mlp42, 8>;
pub(super) type Mlp42Of<W> = Net<1, 32, DenseStem<42, 64, 32, Relu, W>, (), DenseHead<32, 1>>;
pub(super) type Watch24x4rHead = Net<
    16,
    24,
    Frozen<PatchEmbedding<16, 6, 1, 24, All>>,
    Frozen<Reversible<ReversibleBlock<16, 12, 16, 24, Gelu, All>, 4>>,
    MeanHead<24, 7>,
>;
pub(super) type Mlp42Head = Net<1, 32, Frozen<DenseStem<42, 64, 32>>, (), DenseHead<32, 1>>;
