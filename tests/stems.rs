//! Stems beyond plain patches: reference numbers, their definition, central differences, memory.

mod common;

use common::modes::check_arena;
use common::{check_gradient, fixture, tensor};
use trainlet::core::params::{Params, Role};
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::{DenseHead, FlatHead, MeanHead};
use trainlet::nn::layer::{Activation, Gelu, PiecewiseLinear};
use trainlet::nn::net::Net;
use trainlet::nn::stem::{
    ConvStem, DenseStem, InceptionStem, Int8, PatchEmbedding, Piecewise, Positioned, Statistics, Stem,
};

/// No activation at all.
struct Identity;

impl Activation for Identity {
    fn apply(x: &[f32], y: &mut [f32]) {
        y.copy_from_slice(x);
    }

    fn apply_in_place(_: &mut [f32]) {}

    fn backward(_: &mut [f32], _: &mut [f32]) {}
}

fn near(value: f32, expected: f64) {
    assert!((f64::from(value) - expected).abs() < 2e-6, "{value} instead of {expected}");
}

/// A kernel `[out][in][tap]` as ours lies, `[out][tap][in]`.
fn kernel<const IN: usize, const OUT: usize, const K: usize>(s: f64) -> [[[f32; IN]; K]; OUT] {
    let theirs: [[[f32; K]; IN]; OUT] = tensor(s, 0.4);
    std::array::from_fn(|o| std::array::from_fn(|k| std::array::from_fn(|i| theirs[o][i][k])))
}

/// A number of an independent float64 implementation. Patches of one position and the identity show the features.
#[test]
fn inception_equals_the_reference() {
    type Reference = InceptionStem<6, 2, 2, 2, 8, 1, 8, Identity>;
    let mut stem = Reference::ZERO;
    stem.linear.weight = tensor(0.0, 0.4);
    stem.three.reduce.weight = tensor(1.0, 0.4);
    stem.three.conv.weight = kernel(2.0);
    stem.five.reduce.weight = tensor(3.0, 0.4);
    stem.five.conv.weight = kernel(4.0);
    stem.pooled.weight = tensor(5.0, 0.4);
    (0..8).for_each(|c| stem.patch.weight[c][0][c] = 1.0);
    let (x, dy): ([[f32; 2]; 6], [[f32; 8]; 6]) = (tensor(0.1, 1.0), tensor(0.6, 1.0));
    let mut features = [[f32::NAN; 8]; 6];
    stem.infer(&x, &mut features, &mut [f32::NAN; <Reference as Stem<6, 8>>::COST.infer_scratch]);
    near(features.flat().iter().zip(dy.flat()).map(|(f, d)| f * d).sum(), -0.0302283932);
}

/// The last branch of a sample that falls and rises.
#[test]
fn the_maximum_is_that_of_three_neighbours() {
    type Wide = InceptionStem<5, 1, 1, 1, 4, 1, 1, Gelu>;
    let mut stem = Wide::ZERO;
    stem.pooled.weight = [[1.0]];
    stem.patch.weight[0][0][3] = 1.0;
    let mut x = [[0.0]; 5];
    stem.infer(
        &[[-1.0], [-4.0], [-6.0], [-5.0], [-2.0]],
        &mut x,
        &mut [f32::NAN; <Wide as Stem<5, 1>>::COST.infer_scratch],
    );
    assert_eq!(x, [[-1.0], [-1.0], [-4.0], [-2.0], [-2.0]]);
}

/// A number of an independent float64 implementation of the paper's encoding, with numbers beyond both ends.
#[test]
fn piecewise_linear_equals_the_reference() {
    let layer = PiecewiseLinear::<5, 3, 2> { weight: tensor(0.0, 0.4), bias: tensor(1.0, 0.4) };
    let (x, dy): ([f32; 5], [[f32; 2]; 5]) = (tensor(0.1, 2.2), tensor(0.6, 1.0));
    let mut y = [[f32::NAN; 2]; 5];
    layer.forward(&x, y.flat_mut());
    near(y.flat().iter().zip(dy.flat()).map(|(y, d)| y * d).sum(), 1.3825711673075647);
}

/// Functions that are the numbers themselves leave the stem behind as it is, to the rounding of the functions.
#[test]
fn straight_pieces_are_the_numbers() {
    const ROOT: f32 = 1.732_050_8;
    let mut stem = Piecewise::<PatchEmbedding<5, 1, 2, 4>, 5, 4, 1>::ZERO;
    stem.init(Key::new(2, Purpose::Init));
    stem.pieces = PiecewiseLinear { weight: [[[ROOT / 2.0]; 4]; 5], bias: [[-ROOT]; 5] };
    let (input, mut x, mut expected) = (tensor(0.1, 2.2), [[0.0; 4]; 3], [[0.0; 4]; 3]);
    stem.infer(&input, &mut x, &mut [f32::NAN; 5]);
    stem.stem.infer(&input, &mut expected, &mut []);
    for (x, expected) in x.flat().iter().zip(expected.flat()) {
        near(*x, f64::from(*expected));
    }
    let names: Vec<_> = common::flat(&stem).into_iter().map(|(name, _)| name).collect();
    assert_eq!((&names[0][..], &names[20][..], &names[25][..]), ("pieces.weight", "pieces.bias", "weight"));
}

/// Columns that were mapped to their quantiles have one range: a byte holds one of them.
#[test]
fn a_byte_holds_a_number_of_known_range() {
    type Plain = Piecewise<PatchEmbedding<5, 2, 2, 4>, 5, 3, 2>;
    let (mut stem, scale) = (Int8::<Plain, 1>::ZERO, 1.732_050_8 / 127.0);
    stem.set([scale], [0.0], [1.0]).unwrap();
    stem.init(Key::new(2, Purpose::Init));
    let bytes = [[-127], [-60], [0], [31], [127]];
    let input = bytes.map(|[byte]| [scale * f32::from(byte)]);
    let (mut x, mut expected) = ([[0.0; 4]; 3], [[0.0; 4]; 3]);
    stem.infer(&bytes, &mut x, &mut [f32::NAN; 15]);
    stem.stem.infer(&input, &mut expected, &mut [f32::NAN; 10]);
    assert_eq!(x, expected);
}

/// Numbers of NumPy in float64: `mean`, `std`, `min`, `max`, `abs(diff).mean`, and `polyfit` of degree 1 times 6. Patches of one statistic
/// with the weight 1 show them.
#[test]
fn statistics_equal_the_reference() {
    type Shown = Statistics<PatchEmbedding<12, 1, 1, 1>, 7, 2>;
    let mut stem = Shown::ZERO;
    stem.stem.weight = [[[1.0]]];
    let mut x = [[f32::NAN; 1]; 12];
    stem.infer(&tensor(0.1, 1.0), &mut x, &mut [f32::NAN; <Shown as Stem<12, 1>>::COST.infer_scratch]);
    let expected = [
        [0.000357385313, 0.705408200505, -0.993691003633, 0.940730556680, 0.900639865035, -0.948982536543],
        [0.002607770329, 0.707880141361, -0.995436253306, 0.946300087687, 1.030393088020, -0.502664073360],
    ];
    for (x, expected) in x.into_iter().zip(expected.as_flattened()) {
        near(x[0], *expected);
    }
}

#[test]
fn overlapping_patches_are_windows_with_zeros_around() {
    let mut stem = ConvStem::<5, 1, 4, 2, 1>::ZERO;
    stem.conv.weight = [[[1.0], [10.0], [100.0], [1000.0]]];
    stem.conv.bias = [0.5];
    let mut x = [[0.0]; 3];
    stem.infer(&[[1.0], [2.0], [3.0], [4.0], [5.0]], &mut x, &mut [f32::NAN; 8]);
    assert_eq!(x, [[3210.5], [5432.5], [54.5]]);
}

/// Where windows do not overlap and start at the edge, they are patches.
#[test]
fn a_kernel_of_its_stride_is_a_patch() {
    let (mut conv, mut patch) = (ConvStem::<6, 3, 2, 2, 5>::ZERO, PatchEmbedding::<6, 3, 2, 5>::ZERO);
    conv.init(Key::new(2, Purpose::Init));
    (patch.weight, patch.bias) = (conv.conv.weight, conv.conv.bias);
    let (input, mut windows, mut patches) = (tensor(0.1, 1.0), [[0.0; 5]; 3], [[0.0; 5]; 3]);
    conv.infer(&input, &mut windows, &mut [f32::NAN; 21]);
    patch.infer(&input, &mut patches, &mut []);
    assert_eq!(windows, patches);
}

#[test]
fn a_position_is_added_and_starts_at_nothing() {
    type Plain = PatchEmbedding<5, 2, 2, 4>;
    let (mut stem, mut plain) = (Positioned::<Plain, 3, 4>::ZERO, Plain::ZERO);
    stem.init(Key::new(2, Purpose::Init));
    plain.init(Key::new(2, Purpose::Init));
    let (input, mut x, mut expected) = (tensor(0.1, 1.0), [[0.0; 4]; 3], [[0.0; 4]; 3]);
    plain.infer(&input, &mut expected, &mut []);
    stem.infer(&input, &mut x, &mut []);
    assert_eq!(x, expected);
    fixture(stem.position.flat_mut(), 0.2, 1.0);
    stem.infer(&input, &mut x, &mut []);
    for ((x, expected), position) in x.flat().iter().zip(expected.flat()).zip(stem.position.flat()) {
        assert_eq!(*x, expected + position);
    }
    stem.read(&mut |leaf, _| assert_eq!(leaf.path.to_string() == "position", leaf.shape == [3, 4]));
    stem.read(&mut |leaf, _| assert!(leaf.path.to_string() != "position" || leaf.role == Role::Bias));
}

/// A stem in front of a small Mixer.
type Before<const N: usize, const C: usize, S> = Net<N, C, S, [MixerBlock<N, C, 3, 4>; 1], MeanHead<C, 3>>;
/// A stem, and next to nothing after it.
type Alone<const N: usize, const C: usize, S> = Net<N, C, S, (), FlatHead<N, C, 2>>;
type Inception = InceptionStem<7, 3, 2, 3, 12, 2, 5>;
type Pieces = Piecewise<PatchEmbedding<7, 2, 2, 5>, 7, 3, 2>;
/// A perceptron of them.
type Perceptron<S> = Net<1, 4, S, (), DenseHead<4, 3>>;
/// One token for each of three features.
type Features = Statistics<PatchEmbedding<3, 6, 1, 5>, 7, 3>;
type DenseStatistics = Statistics<DenseStem<18, 5, 4, Gelu>, 7, 3>;
type DensePieces = Piecewise<DenseStem<14, 5, 4, Gelu>, 7, 3, 2>;

#[test]
fn the_gradient_is_right() {
    check_gradient::<Before<4, 5, Inception>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<7, 5, InceptionStem<7, 1, 3, 1, 4, 1, 5>>>(&tensor(0.1, 1.0), 0.2, 0.0);
    check_gradient::<Before<3, 5, InceptionStem<9, 2, 1, 2, 8, 3, 5, Identity>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<4, 5, ConvStem<7, 3, 3, 2, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<3, 5, ConvStem<9, 2, 4, 3, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<7, 5, ConvStem<7, 3, 5, 1, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<4, 5, Positioned<PatchEmbedding<7, 3, 2, 5>, 4, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<4, 5, Positioned<Inception, 4, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Before<4, 5, Pieces>>(&tensor(0.1, 2.2), 0.2, 0.0);
    check_gradient::<Before<4, 5, Positioned<Pieces, 4, 5>>>(&tensor(0.1, 2.2), 0.0, 0.0);
    check_gradient::<Perceptron<DensePieces>>(&tensor(0.1, 2.2), 0.2, 0.0);
    check_gradient::<Perceptron<Piecewise<DenseStem<3, 5, 4, Gelu>, 3, 1, 1>>>(&tensor(0.1, 2.2), 0.0, 0.0);
    check_gradient::<Before<3, 5, Features>>(&tensor(0.1, 1.0), 0.2, 0.0);
    check_gradient::<Before<3, 5, Positioned<Features, 3, 5>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Perceptron<DenseStatistics>>(&tensor(0.1, 1.0), 0.2, 0.0);
    check_gradient::<Perceptron<Statistics<Piecewise<DenseStem<12, 5, 4, Gelu>, 6, 3, 2>, 9, 1>>>(
        &tensor(0.1, 1.0),
        0.0,
        0.0,
    );
}

#[test]
fn arenas_are_used_to_the_last_value() {
    check_arena::<Alone<4, 5, Inception>>();
    check_arena::<Alone<7, 5, InceptionStem<7, 9, 1, 1, 4, 1, 5>>>();
    check_arena::<Alone<4, 5, ConvStem<7, 3, 3, 2, 5>>>();
    check_arena::<Alone<4, 5, Pieces>>();
    check_arena::<Perceptron<DensePieces>>();
    check_arena::<Alone<3, 5, Features>>();
    check_arena::<Perceptron<DenseStatistics>>();
    check_arena::<Alone<7, 5, Positioned<ConvStem<7, 3, 5, 1, 5>, 7, 5>>>();
}
