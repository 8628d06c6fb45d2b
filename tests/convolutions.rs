//! Convolutions and the blocks made of them: their definition, reference numbers, central differences, memory modes.

mod common;

use common::modes::{biases_only, check_arena, same};
use common::{check_gradient, fixture, tensor};
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::{Block, Checkpointed, ConvNextBlock, MixerBlock, ResNetBlock, ResNextBlock, SeparableBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{BitFit, Conv1d, DepthwiseConv1d, Gelu, Relu, TokenMap};
use trainlet::nn::net::Net;
use trainlet::nn::stem::PatchEmbedding;

/// Sizes of a convolution under test.
#[derive(Clone, Copy, Debug)]
struct Case {
    tokens: usize,
    inputs: usize,
    outputs: usize,
    per_group: usize,
    taps: usize,
    stride: usize,
}

impl Case {
    fn tokens_out(&self) -> usize {
        self.tokens.div_ceil(self.stride)
    }

    /// Calls `term` for each product: index of y, of x and of the weight.
    fn products(&self, mut term: impl FnMut(usize, usize, usize)) {
        let groups = self.inputs / self.per_group;
        for (n, o) in (0..self.tokens_out()).flat_map(|n| (0..self.outputs).map(move |o| (n, o))) {
            for (k, i) in (0..self.taps).flat_map(|k| (0..self.per_group).map(move |i| (k, i))) {
                let channel = o / (self.outputs / groups) * self.per_group + i;
                let Some(m) = (self.stride * n + k).checked_sub((self.taps - 1) / 2).filter(|m| *m < self.tokens)
                else {
                    continue;
                };
                term(n * self.outputs + o, m * self.inputs + channel, (o * self.taps + k) * self.per_group + i);
            }
        }
    }
}

fn numbers(count: usize, phase: f64) -> Vec<f32> {
    let mut values = vec![0.0; count];
    fixture(&mut values, phase, 1.0);
    values
}

fn assert_near(values: &[f32], expected: &[f64], what: &str) {
    assert_eq!(values.len(), expected.len());
    for (index, (value, expected)) in values.iter().zip(expected).enumerate() {
        assert!((f64::from(*value) - expected).abs() < 1e-5, "{what}[{index}]: {value} instead of {expected}");
    }
}

/// Against the definition, in f64: output and all three gradients.
fn check_conv<const IN: usize, const OUT: usize, const PER_GROUP: usize, const K: usize, const STRIDE: usize>(
    tokens: usize,
) {
    type Conv<const I: usize, const O: usize, const P: usize, const K: usize, const S: usize> = Conv1d<I, O, P, K, S>;
    let case = Case { tokens, inputs: IN, outputs: OUT, per_group: PER_GROUP, taps: K, stride: STRIDE };
    let mut conv = Conv::<IN, OUT, PER_GROUP, K, STRIDE>::ZERO;
    conv.weight = tensor(0.2, 0.5);
    conv.bias = tensor(0.3, 0.5);
    let weight = conv.weight.flat().to_vec();
    let (x, dy) = (numbers(tokens * IN, 0.1), numbers(case.tokens_out() * OUT, 0.6));
    let mut y = vec![0.0; dy.len()];
    conv.forward(&x, &mut y, &mut vec![f32::NAN; Conv::<IN, OUT, PER_GROUP, K, STRIDE>::forward_scratch(tokens)]);
    let (mut grad, mut dx) = (vec![0.0; Conv::<IN, OUT, PER_GROUP, K, STRIDE>::TRAINABLE], vec![f32::NAN; x.len()]);
    let mut scratch = vec![f32::NAN; Conv::<IN, OUT, PER_GROUP, K, STRIDE>::backward_scratch(tokens)];
    conv.backward(&mut grad, &x, &dy, &mut dx, &mut scratch);

    let mut expected_y: Vec<f64> = (0..dy.len()).map(|i| f64::from(conv.bias[i % OUT])).collect();
    let (mut dweight, mut expected_dx) = (vec![0.0; weight.len()], vec![0.0; x.len()]);
    case.products(|o, i, w| {
        expected_y[o] += f64::from(x[i]) * f64::from(weight[w]);
        dweight[w] += f64::from(x[i]) * f64::from(dy[o]);
        expected_dx[i] += f64::from(weight[w]) * f64::from(dy[o]);
    });
    let mut dbias = vec![0.0; OUT];
    dy.iter().enumerate().for_each(|(i, dy)| dbias[i % OUT] += f64::from(*dy));
    assert_near(&y, &expected_y, &format!("{case:?}: y"));
    assert_near(&dx, &expected_dx, &format!("{case:?}: dx"));
    assert_near(&grad[..weight.len()], &dweight, &format!("{case:?}: dweight"));
    assert_near(&grad[weight.len()..], &dbias, &format!("{case:?}: dbias"));
}

#[test]
fn dense_grouped_and_strided_convolutions_equal_their_definition() {
    for tokens in [1, 2, 5, 9, 16] {
        check_conv::<3, 4, 3, 3, 1>(tokens);
        check_conv::<12, 12, 12, 5, 1>(tokens);
        check_conv::<6, 4, 3, 3, 1>(tokens);
        check_conv::<12, 12, 2, 7, 1>(tokens);
        check_conv::<8, 16, 4, 1, 1>(tokens);
        check_conv::<3, 5, 3, 2, 2>(tokens);
        check_conv::<4, 6, 2, 3, 2>(tokens);
        check_conv::<4, 9, 4, 5, 3>(tokens);
    }
}

/// Output and both gradients.
fn run<const N: usize, M: TokenMap<N>>(map: &M, x: &[f32], dy: &[f32]) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let (mut y, mut grad, mut dx) = (vec![0.0; N * M::OUT], vec![0.0; M::TRAINABLE], vec![0.0; N * M::IN]);
    let (mut saved, mut scratch) = (vec![f32::NAN; M::COST.saved], vec![f32::NAN; M::COST.scratch]);
    map.forward(x, &mut y, &mut saved, &mut scratch);
    map.backward(&mut grad, x, dy, &mut dx, &mut saved, &mut scratch);
    (y, grad, dx)
}

/// A depthwise convolution is one with groups of a single channel.
fn check_depthwise<const N: usize, const C: usize, const K: usize>() {
    let (mut depthwise, mut grouped) = (DepthwiseConv1d::<C, K>::ZERO, Conv1d::<C, C, 1, K>::ZERO);
    depthwise.weight = tensor(0.2, 0.5);
    depthwise.bias = tensor(0.3, 0.5);
    grouped.bias = depthwise.bias;
    for (c, k) in (0..C).flat_map(|c| (0..K).map(move |k| (c, k))) {
        grouped.weight[c][k] = [depthwise.weight[k][c]];
    }
    let (x, dy): ([[f32; C]; N], [[f32; C]; N]) = (tensor(0.1, 1.0), tensor(0.6, 1.0));
    let (y, grad, dx) = run::<N, _>(&depthwise, x.flat(), dy.flat());
    let (expected_y, expected_grad, expected_dx) = run::<N, _>(&grouped, x.flat(), dy.flat());
    assert_eq!(y, expected_y);
    assert_eq!(dx, expected_dx);
    for (c, k) in (0..C).flat_map(|c| (0..K).map(move |k| (c, k))) {
        assert_eq!(grad[k * C + c], expected_grad[c * K + k]);
    }
    assert_eq!(grad[K * C..], expected_grad[K * C..]);
}

#[test]
fn depthwise_is_grouped_by_one() {
    check_depthwise::<5, 3, 7>();
    check_depthwise::<1, 4, 3>();
    check_depthwise::<16, 12, 3>();
    check_depthwise::<7, 9, 5>();
}

#[test]
fn kernels_are_not_turned_round() {
    let mut conv = DepthwiseConv1d::<1, 3>::ZERO;
    conv.weight = [[1.0], [10.0], [100.0]];
    let mut y = [0.0; 4];
    TokenMap::<4>::infer(&conv, &[1.0, 2.0, 3.0, 4.0], &mut y, &mut [0.0; 6]);
    assert_eq!(y, [210.0, 321.0, 432.0, 43.0]);
}

/// Numbers of an independent float64 implementation, whose kernels are `[channel][tap]` and whose normalisation adds a tenth
/// of our ε to the variance: the same as ours behind a convolution that is √10 times as large.
#[test]
fn convnext_equals_the_reference() {
    type Reference = ConvNextBlock<3, 7, 12>;
    let mut block = Reference::ZERO;
    let kernels: [[f32; 7]; 3] = tensor(0.2, 0.4);
    let larger = 10f32.sqrt();
    block.conv.weight = core::array::from_fn(|k| core::array::from_fn(|c| larger * kernels[c][k]));
    block.conv.bias = tensor::<[f32; 3]>(0.3, 0.1).map(|bias| larger * bias);
    block.norm.weight = tensor::<[f32; 3]>(0.4, 0.1).map(|weight| 1.0 + weight);
    block.norm.bias = tensor(0.5, 0.1);
    block.mlp.hidden.weight = tensor(0.6, 0.4);
    block.mlp.hidden.bias = tensor(0.7, 0.1);
    block.mlp.output.weight = tensor(0.8, 0.4);
    block.mlp.output.bias = tensor(0.9, 0.1);
    block.layer_scale = tensor(1.0, 0.5);
    let (mut y, mut d): ([[f32; 3]; 5], [[f32; 3]; 5]) = (tensor(0.1, 1.0), tensor(1.1, 1.0));
    let dy = d;
    let mut saved = vec![f32::NAN; <Reference as Block<5, 3>>::COST.saved];
    let mut scratch = vec![f32::NAN; <Reference as Block<5, 3>>::COST.scratch];
    let (mut grad, pass) = (vec![0.0; Reference::TRAINABLE], common::pass(0.0, 0.0, 1, 0));
    block.forward(&mut y, &mut saved, &mut scratch, &pass);
    block.backward(&mut grad, &mut d, &mut saved, &mut scratch, &pass);

    let near = |value: f32, expected: f64| {
        assert!((f64::from(value) - expected).abs() < 3e-6 * expected.abs().max(1.0), "{value} instead of {expected}");
    };
    y[0].iter().zip([1.06395458, 0.92424433, 0.42752286]).for_each(|(y, expected)| near(*y, expected));
    near(y.flat().iter().zip(dy.flat()).map(|(y, d)| y * d).sum(), 4.816051153);
    near(larger * grad[..21].iter().map(|g| g * g).sum::<f32>().sqrt(), 2.6730203899);
    let scales = &grad[Reference::TRAINABLE - 3..];
    scales.iter().zip([0.60537289, -0.11301747, 0.05205185]).for_each(|(g, expected)| near(*g, expected));
}

/// Any blocks, with a stem and a head that are the same for all.
type Around<const N: usize, const C: usize, B> = Net<N, C, PatchEmbedding<N, 2, 1, C>, B, MeanHead<C, 3>>;

#[test]
fn blocks_have_the_right_gradient() {
    check_gradient::<Around<7, 5, [ConvNextBlock<5, 3, 6>; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<5, 3, [ConvNextBlock<3, 7, 4>; 1]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<7, 5, [ResNetBlock<5, 3, Gelu>; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<7, 6, [ResNextBlock<6, 9, 3, 3, Gelu>; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<7, 5, [SeparableBlock<5, 5, 3, Gelu>; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<3, 5, [SeparableBlock<5, 11, 5, Gelu>; 1]>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn masks_are_the_same_in_both_directions() {
    type Mixed = (
        ConvNextBlock<6, 3, 5>,
        ResNextBlock<6, 4, 2, 3, Gelu>,
        SeparableBlock<6, 7, 3, Gelu>,
        ResNetBlock<6, 3, Gelu>,
        MixerBlock<4, 6, 3, 5>,
    );
    for (dropout, stochastic_depth) in [(0.3, 0.0), (0.0, 0.5), (0.2, 0.2)] {
        check_gradient::<Around<4, 6, Mixed>>(&tensor(0.1, 1.0), dropout, stochastic_depth);
    }
}

/// The slope of a ReLU is no matter for differences; the signs of the activations are.
#[test]
fn a_block_of_relus_hears_only_what_is_above_zero() {
    let mut block = ResNetBlock::<2, 3>::ZERO;
    block.first.norm.bias = [-3.0, -3.0];
    block.last.map.bias = [0.5, 0.0];
    let mut x = [[1.0, 2.0], [4.0, 3.0]];
    block.infer(&mut x, &mut [0.0; <ResNetBlock<2, 3, Relu> as Block<2, 2>>::COST.infer_scratch]);
    assert_eq!(x, [[1.5, 2.0], [4.5, 3.0]]);
}

#[test]
fn checkpoints_and_tuning_fit_every_block() {
    same::<Around<7, 6, [ConvNextBlock<6, 3, 5>; 4]>, Around<7, 6, Checkpointed<ConvNextBlock<6, 3, 5>, 1, 4>>>();
    same::<Around<7, 6, [ResNetBlock<6, 3>; 4]>, Around<7, 6, Checkpointed<ResNetBlock<6, 3>, 2, 2>>>();
    type Next = ResNextBlock<6, 4, 2, 3>;
    same::<Around<7, 6, [Next; 4]>, Around<7, 6, Checkpointed<Next, 4, 1>>>();
    type Separable = SeparableBlock<6, 9, 5>;
    same::<Around<7, 6, [Separable; 4]>, Around<7, 6, Checkpointed<Separable, 1, 4>>>();
    biases_only::<Around<7, 6, [ConvNextBlock<6, 3, 5>; 2]>, Around<7, 6, [ConvNextBlock<6, 3, 5, Gelu, BitFit>; 2]>>();
    biases_only::<Around<7, 6, [Next; 2]>, Around<7, 6, [ResNextBlock<6, 4, 2, 3, Relu, BitFit>; 2]>>();
    biases_only::<Around<7, 6, [Separable; 2]>, Around<7, 6, [SeparableBlock<6, 9, 5, Relu, BitFit>; 2]>>();
}

#[test]
fn arenas_are_used_to_the_last_value() {
    check_arena::<Around<7, 5, [ConvNextBlock<5, 3, 6>; 2]>>();
    check_arena::<Around<7, 5, [ConvNextBlock<5, 7, 1>; 2]>>();
    check_arena::<Around<7, 5, [ResNetBlock<5, 3>; 2]>>();
    check_arena::<Around<7, 6, [ResNextBlock<6, 4, 2, 3>; 2]>>();
    check_arena::<Around<7, 5, [SeparableBlock<5, 9, 3>; 2]>>();
    check_arena::<Around<7, 5, Checkpointed<SeparableBlock<5, 9, 3>, 1, 2>>>();
}
