//! Mixers by their measures: the types of a network and of its variants.

use crate::nn::block::{Checkpointed, Frozen, FrozenFirst, Keep, MixerBlock, Recompute};
use crate::nn::head::MeanHead;
use crate::nn::layer::{All, Gelu};
use crate::nn::net::Net;
use crate::nn::stem::PatchEmbedding;
use crate::quant::QuantMixerBlock;

/// A Mixer on a sample of
/// - `L` positions with
/// - `F` features each, in patches of
/// - `P` positions:
/// - `N` tokens of
/// - `C` channels,
/// - `D` blocks with
/// - `T` hidden units for token mixing and
/// - `H` for channel mixing,
/// - `O` outputs.
/// - `K` says what its blocks keep for the backward pass,
/// - `W` which of its parameters are trained.
pub type Mixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const D: usize,
    const T: usize,
    const H: usize,
    const O: usize,
    K = Keep,
    W = All,
> = Net<N, C, PatchEmbedding<L, F, P, C, W>, [MixerBlock<N, C, T, H, Gelu, K, W>; D], MeanHead<C, O>>;

/// A [`Mixer`] of which the input of every `EVERY`-th block is kept, in `SEGMENTS` segments.
pub type CheckpointedMixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const T: usize,
    const H: usize,
    const O: usize,
    const EVERY: usize,
    const SEGMENTS: usize,
> = Net<
    N,
    C,
    PatchEmbedding<L, F, P, C>,
    Checkpointed<MixerBlock<N, C, T, H, Gelu, Recompute>, EVERY, SEGMENTS>,
    MeanHead<C, O>,
>;

/// A [`Mixer`] of which the last block and the head are trained; `BEFORE` blocks stand before it.
pub type LastBlockOfMixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const BEFORE: usize,
    const T: usize,
    const H: usize,
    const O: usize,
> = Net<
    N,
    C,
    Frozen<PatchEmbedding<L, F, P, C>>,
    FrozenFirst<Frozen<[MixerBlock<N, C, T, H>; BEFORE]>, [MixerBlock<N, C, T, H>; 1]>,
    MeanHead<C, O>,
>;

/// A [`Mixer`] of which only the head is trained.
pub type HeadOfMixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const D: usize,
    const T: usize,
    const H: usize,
    const O: usize,
> = Net<N, C, Frozen<PatchEmbedding<L, F, P, C>>, Frozen<[MixerBlock<N, C, T, H>; D]>, MeanHead<C, O>>;

/// A [`Mixer`] that predicts from bytes.
// It is `Quantized<Mixer<..>>`, but spelled out: what is implemented for a type that a trait names would be in conflict with the networks
// of other crates.
pub type Int8Mixer<
    const L: usize,
    const F: usize,
    const P: usize,
    const N: usize,
    const C: usize,
    const D: usize,
    const T: usize,
    const H: usize,
    const O: usize,
> = Net<N, C, Frozen<PatchEmbedding<L, F, P, C>>, Frozen<[QuantMixerBlock<N, C, T, H>; D]>, MeanHead<C, O>>;

/// Makes a network of a Mixer, as [`network!`](crate::network!) does, with all its variants. A sample of some positions with
/// some features each is cut into patches of some positions, each of which becomes a token. The hidden units are those of token
/// mixing, then those of channel mixing.
///
/// ```
/// use trainlet::core::params::Params;
/// use trainlet::networks::Family;
/// use trainlet::nn::loss::CrossEntropy;
///
/// trainlet::mixer! {
///     /// Three gestures from three steps of three axes.
///     pub Gesture; "gesture", CrossEntropy, "Mixer for 3 steps of 3 axes, 3 gestures";
///     3 positions of 3 features in patches of 1, 3 tokens of 8 channels, 1 block of 4 and 16 hidden units, 3 outputs
/// }
/// assert!(<Gesture as Family>::Head::TRAINABLE < Gesture::TRAINABLE);
/// ```
#[macro_export]
macro_rules! mixer {
    ($(#[$doc:meta])* $vis:vis $name:ident; $id:literal, $loss:ty, $about:literal; $($shape:tt)+) => {
        $crate::__mixer! { network [$(#[$doc])* $vis $name =] [$id, $loss, $about] $($shape)+ }
    };
}

/// Writes the types of a Mixer and of its variants, by its measures: `network` for a struct around them, `family` for the types
/// themselves.
#[doc(hidden)]
#[macro_export]
macro_rules! __mixer {
    (
        $then:ident [$($before:tt)*] [$($about:tt)*]
        $l:literal positions of $f:literal features in patches of $p:literal, $n:literal tokens of $c:literal channels,
        $d:literal $(blocks)? $(block)? of $t:literal and $h:literal hidden units, $o:literal $(outputs)? $(output)?
    ) => {
        $crate::__mixer! {
            @$then [$($before)*] [$($about)*]
            $crate::networks::Mixer<$l, $f, $p, $n, $c, $d, $t, $h, $o>,
            $crate::networks::Mixer<$l, $f, $p, $n, $c, $d, $t, $h, $o, $crate::nn::block::KeepSlopes>,
            $crate::networks::Mixer<$l, $f, $p, $n, $c, $d, $t, $h, $o, $crate::nn::block::Recompute>,
            $crate::networks::Mixer<$l, $f, $p, $n, $c, $d, $t, $h, $o, $crate::nn::block::BlockInput>,
            $crate::networks::CheckpointedMixer<
                $l, $f, $p, $n, $c, $t, $h, $o, { 2 - $d % 2 }, { $d / (2 - $d % 2) }
            >,
            $crate::networks::LastBlockOfMixer<$l, $f, $p, $n, $c, { $d - 1 }, $t, $h, $o>,
            $crate::networks::Mixer<
                $l, $f, $p, $n, $c, $d, $t, $h, $o, $crate::nn::block::Keep, $crate::nn::layer::BitFit
            >,
            $crate::networks::HeadOfMixer<$l, $f, $p, $n, $c, $d, $t, $h, $o>,
            $crate::networks::Int8Mixer<$l, $f, $p, $n, $c, $d, $t, $h, $o>
        }
    };
    (
        @network [$($before:tt)*] [$($about:tt)*]
        $of:ty, $slopes:ty, $recompute:ty, $input:ty, $checkpoint:ty, $last:ty, $biases:ty, $head:ty, $int8:ty
    ) => {
        $crate::network! {
            $($before)* $of; $($about)*;
            KeepSlopes = $slopes,
            Recompute = $recompute,
            BlockInput = $input,
            Checkpoint = $checkpoint,
            LastBlock = $last,
            Biases = $biases,
            Head = $head,
            Int8 = $int8,
        }
    };
    (
        @family [$name:ident] [$id:literal, $loss:ty, $about:literal]
        $of:ty, $slopes:ty, $recompute:ty, $input:ty, $checkpoint:ty, $last:ty, $biases:ty, $head:ty, $int8:ty
    ) => {
        #[doc = concat!("`", $id, "`: ", $about)]
        pub type $name = $of;
        $crate::__family! {
            $name; $id, $loss, $about;
            KeepSlopes = $slopes,
            Recompute = $recompute,
            BlockInput = $input,
            Checkpoint = $checkpoint,
            LastBlock = $last,
            Biases = $biases,
            Head = $head,
            Int8 = $int8,
        }
    };
}
