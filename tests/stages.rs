//! Stages of blocks: their order and names, and networks whose stream gets shorter on the way.

mod common;

use common::modes::{biases_only, check_arena, names, same};
use common::{check_gradient, tensor};
use trainlet::core::params::Params;
use trainlet::nn::block::{AlterStage, ConvNextBlock, MixerBlock, ResNetBlock};
use trainlet::nn::head::{Downsampled, MeanHead};
use trainlet::nn::layer::{All, BitFit, Gelu};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

type Around<const N: usize, const C: usize, B> = Net<N, C, PatchEmbedding<N, 2, 1, C>, B, MeanHead<C, 3>>;
type Conv<const C: usize> = ResNetBlock<C, 3, Gelu>;
type Mixer<const N: usize, const C: usize> = MixerBlock<N, C, 5, 3>;

/// The blocks of a network, `C` for each convolution and `M` for each Mixer, in the order of their numbers.
fn order<M: Params>() -> String {
    let mut names = names::<M>();
    names.dedup();
    let kind_of = |name: &String| match () {
        () if name.ends_with("conv1.weight") => Some('C'),
        () if name.ends_with("token_mixing.0.weight") => Some('M'),
        () => None,
    };
    names.iter().filter_map(kind_of).collect()
}

#[test]
fn a_stage_begins_with_convolutions_and_ends_with_mixing() {
    type Stage<const BLOCKS: usize, const MIXING: usize, const FIRST: usize> =
        AlterStage<Conv<5>, Mixer<7, 5>, BLOCKS, MIXING, FIRST>;
    assert_eq!(order::<Stage<3, 0, 3>>(), "CCC");
    assert_eq!(order::<Stage<4, 1, 2>>(), "CCCM");
    assert_eq!(order::<Stage<6, 3, 0>>(), "CMCMCM");
    assert_eq!(order::<Stage<4, 2, 0>>(), "CMCM");
    type All = Around<7, 5, (Stage<3, 0, 3>, Stage<4, 1, 2>, Stage<2, 1, 0>)>;
    assert_eq!((order::<All>().as_str(), All::COST.depth), ("CCCCCCMCM", 9));
    let names = names::<All>();
    for name in ["blocks.0.2.conv1.weight", "blocks.1.3.token_mixing.0.weight", "blocks.2.0.conv2.bias"] {
        assert!(names.contains(&name.into()), "{name}: {names:?}");
    }
}

#[test]
fn stages_are_what_their_blocks_are_one_after_the_other() {
    type Stage = AlterStage<Conv<5>, Mixer<7, 5>, 5, 2, 1>;
    type Flat = (Conv<5>, Conv<5>, Mixer<7, 5>, Conv<5>, Mixer<7, 5>);
    same::<Around<7, 5, Stage>, Around<7, 5, Flat>>();
    check_gradient::<Around<7, 5, AlterStage<Conv<5>, Mixer<7, 5>, 3, 1, 1>>>(&tensor(0.1, 1.0), 0.2, 0.3);
    check_arena::<Around<7, 5, Stage>>();
    check_arena::<Around<7, 5, AlterStage<Conv<5>, Mixer<7, 5>, 2, 0, 2>>>();
}

/// 7 tokens of 5 channels, 4 of 6, 2 of 3.
type Last<W> = Downsampled<6, 2, 3, 3, Mixer<2, 3>, MeanHead<3, 3>, W>;
type Pyramid<W> = Net<
    7,
    5,
    PatchEmbedding<7, 2, 1, 5, W>,
    ConvNextBlock<5, 3, 6, Gelu, W>,
    Downsampled<5, 4, 6, 2, [ConvNextBlock<6, 3, 4, Gelu, W>; 2], Last<W>, W>,
>;
type Short = Net<
    7,
    5,
    PatchEmbedding<7, 2, 1, 5>,
    Conv<5>,
    Downsampled<5, 4, 3, 2, (Mixer<4, 3>, ConvNextBlock<3, 3, 4>), MeanHead<3, 3>>,
>;

#[test]
fn a_stream_that_gets_shorter_has_the_right_gradient() {
    assert_eq!(Pyramid::<All>::COST.depth, 4);
    let names = names::<Pyramid<All>>();
    for name in ["next.downsample.conv.weight", "next.blocks.1.layer_scale", "next.next.head.bias"] {
        assert!(names.contains(&name.into()), "{name}: {names:?}");
    }
    for (dropout, stochastic_depth) in [(0.0, 0.0), (0.3, 0.0), (0.0, 0.5)] {
        check_gradient::<Pyramid<All>>(&tensor(0.1, 1.0), dropout, stochastic_depth);
        check_gradient::<Short>(&tensor(0.1, 1.0), dropout, stochastic_depth);
    }
    check_arena::<Pyramid<All>>();
    check_arena::<Short>();
}

#[test]
fn its_biases_can_be_trained_alone() {
    type Convolutions<W> = Net<
        7,
        5,
        PatchEmbedding<7, 2, 1, 5, W>,
        ConvNextBlock<5, 3, 6, Gelu, W>,
        Downsampled<5, 4, 6, 2, [ConvNextBlock<6, 3, 4, Gelu, W>; 2], MeanHead<6, 3>, W>,
    >;
    biases_only::<Convolutions<All>, Convolutions<BitFit>>();
}

/// Weights that change part by part end as those that change all at once.
#[test]
fn it_learns_without_a_gradient_buffer() {
    type Whole = Trainer<Pyramid<All>, CrossEntropy, Sgd, [f32; Pyramid::<All>::ARENA]>;
    type Parts = Online<Pyramid<All>, CrossEntropy, Sgd, [f32; Pyramid::<All>::ONLINE_ARENA]>;
    let config = || Config::new(3, CrossEntropy::new(), SgdConfig { weight_decay: 0.0 }, Schedule::constant(0.05));
    let (mut whole, mut parts) = (Box::new(Whole::ZERO), Box::new(Parts::ZERO));
    whole.init(config()).unwrap();
    parts.init(config()).unwrap();
    for number in 0..6 {
        let sample: [[f32; 2]; 7] = tensor(number as f64, 1.0);
        whole.accumulate(&sample, &(number % 3), 1.0).unwrap();
        whole.step();
        parts.learn(&sample, &(number % 3)).unwrap();
    }
    assert_eq!(common::flat(&whole.weights), common::flat(&parts.weights));
}
