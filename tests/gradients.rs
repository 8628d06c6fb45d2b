//! Every layer's backward pass against central differences of its forward pass, at odd sizes too.

mod common;

use common::{analytic, check_gradient, named, parameters, pass, tensor};
use trainlet::nn::block::{ChannelMixing, MixerBlock, PreNormResidual, TokenMixing};
use trainlet::nn::head::{DenseHead, FlatHead, MeanHead};
use trainlet::nn::layer::{Gelu, Relu, Tanh};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{DenseStem, PatchEmbedding};

type Mixer<const N: usize, const C: usize, A = Gelu> =
    Net<N, C, PatchEmbedding<N, 2, 1, C>, [MixerBlock<N, C, 5, 3, A>; 2], MeanHead<C, 3>>;

#[test]
fn a_mixer_of_even_sizes() {
    check_gradient::<Mixer<4, 6>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn a_mixer_of_prime_sizes() {
    check_gradient::<Mixer<7, 5>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn a_mixer_of_one_token() {
    check_gradient::<Mixer<1, 5>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn a_mixer_of_one_output_and_wide_rows() {
    type Wide = Net<3, 17, PatchEmbedding<6, 1, 2, 17>, [MixerBlock<3, 17, 9, 13>; 1], MeanHead<17, 1>>;
    check_gradient::<Wide>(&tensor(0.1, 1.0), 0.0, 0.0);
}

/// With one channel a LayerNorm's output is its bias: whatever lies before it has no gradient.
#[test]
fn a_mixer_of_one_channel_learns_behind_its_last_norm_only() {
    let model = parameters::<Mixer<3, 1>>(0.5);
    let gradient = analytic(&*model, &tensor(0.1, 1.0), &tensor(0.6, 1.0), &pass(0.0, 0.0, 2, 0));
    for (name, value) in named(&*model, &gradient) {
        let reached = name == "norm.bias" || name.starts_with("head");
        assert!(if reached { value.is_finite() } else { value == 0.0 }, "{name}: {value}");
    }
}

#[test]
fn tanh_in_place_of_gelu() {
    check_gradient::<Mixer<3, 4, Tanh>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn masks_are_the_same_in_both_directions() {
    for (dropout, stochastic_depth) in [(0.3, 0.0), (0.0, 0.5), (0.2, 0.2)] {
        check_gradient::<Mixer<4, 6>>(&tensor(0.1, 1.0), dropout, stochastic_depth);
    }
}

#[test]
fn a_patch_that_the_sample_does_not_fill() {
    type Ragged = Net<3, 4, PatchEmbedding<7, 2, 3, 4>, (), MeanHead<4, 2>>;
    check_gradient::<Ragged>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn a_flat_head() {
    type Flat = Net<3, 5, PatchEmbedding<3, 2, 1, 5>, [MixerBlock<3, 5, 4, 6>; 1], FlatHead<3, 5, 2>>;
    check_gradient::<Flat>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn a_plain_perceptron() {
    type Smooth = Net<1, 5, DenseStem<7, 6, 5, Tanh>, (), DenseHead<5, 3>>;
    check_gradient::<Smooth>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Smooth>(&tensor(0.1, 1.0), 0.3, 0.0);
    type Classic = Net<1, 5, DenseStem<7, 6, 5, Relu>, (), DenseHead<5, 1>>;
    check_gradient::<Classic>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn tuples_and_arrays_nest() {
    type Token = PreNormResidual<TokenMixing<4, 3>, 5>;
    type Channel = PreNormResidual<ChannelMixing<5, 7>, 5>;
    type Nested = (Token, [(Channel, MixerBlock<4, 5, 2, 3>); 2], Channel);
    type Stack = Net<4, 5, PatchEmbedding<4, 2, 1, 5>, Nested, MeanHead<5, 2>>;
    assert_eq!(Stack::COST.depth, 6);
    check_gradient::<Stack>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Stack>(&tensor(0.1, 1.0), 0.1, 0.3);
}
