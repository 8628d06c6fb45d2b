//! The lambda layer and its block: reference numbers, closed forms, central differences, memory.

mod common;

use common::modes::{check_arena, same};
use common::{check_gradient, tensor};
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::{Checkpointed, LambdaBlock, PreNormResidual};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::Lambda;
use trainlet::nn::net::Net;
use trainlet::nn::stem::PatchEmbedding;

/// Output, gradient of the parameters and of the input.
fn run<
    const N: usize,
    const IN: usize,
    const HEADS: usize,
    const K: usize,
    const V: usize,
    const U: usize,
    const R: usize,
>(
    layer: &Lambda<N, IN, HEADS, K, V, U, R>,
    x: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let mut saved = vec![f32::NAN; Lambda::<N, IN, HEADS, K, V, U, R>::COST.saved];
    let mut scratch = vec![f32::NAN; Lambda::<N, IN, HEADS, K, V, U, R>::COST.scratch];
    let (mut y, mut dx) = (vec![f32::NAN; N * HEADS * V], vec![f32::NAN; N * IN]);
    let mut grad = vec![0.0; Lambda::<N, IN, HEADS, K, V, U, R>::TRAINABLE];
    layer.project(x, &mut saved);
    layer.mix(&mut y, &mut saved, &mut scratch[..K * V]);
    layer.mix_backward(&mut grad, dy, &mut saved, &mut scratch);
    layer.project_backward(&mut grad, x, &mut dx, &mut saved);
    (y, grad, dx)
}

fn near(value: f32, expected: f64) {
    assert!((f64::from(value) - expected).abs() < 3e-6 * expected.abs().max(1.0), "{value} instead of {expected}");
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|v| v * v).sum::<f32>().sqrt()
}

fn inner(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Numbers of an independent float64 implementation, whose positions are `[tap][depth][intra]`.
#[test]
fn it_equals_the_reference() {
    type Reference = Lambda<4, 6, 2, 3, 2, 2, 7>;
    let mut layer = Reference::ZERO;
    layer.query = tensor(0.2, 0.4);
    layer.key = tensor(0.3, 0.4);
    layer.value = tensor(0.4, 0.4);
    let positions: [[[f32; 2]; 3]; 7] = tensor(0.5, 0.3);
    layer.position = std::array::from_fn(|b| std::array::from_fn(|m| std::array::from_fn(|k| positions[m][k][b])));
    let (x, dy): ([[f32; 6]; 4], [[f32; 4]; 4]) = (tensor(0.1, 1.0), tensor(0.6, 1.0));
    let (y, grad, dx) = run(&layer, x.flat(), dy.flat());
    y.iter().zip([1.73503607, 2.29546872, -3.22080123, -3.98856087]).for_each(|(y, expected)| near(*y, expected));
    near(inner(&y, dy.flat()), 0.1435081122);
    near(norm(&dx), 12.3262506867);
    near(norm(&grad[grad.len() - 42..]), 14.4363706954);
    near(norm(&grad[36..72]), 1.8144968300);
}

/// A layer of odd sizes with everything in it.
fn some() -> Lambda<5, 6, 2, 3, 3, 2, 3> {
    let mut layer = Lambda::ZERO;
    layer.init(Key::new(3, Purpose::Init));
    layer
}

#[test]
fn without_positions_and_keys_a_token_hears_the_mean_of_the_values() {
    let mut layer = some();
    layer.position = Tensor::ZERO;
    layer.key = Tensor::ZERO;
    let x: [[f32; 6]; 5] = tensor(0.1, 1.0);
    let (y, ..) = run(&layer, x.flat(), &[0.0; 30]);
    for (n, y) in y.chunks(6).enumerate() {
        for (a, j) in (0..2).flat_map(|a| (0..3).map(move |j| (a, j))) {
            let mean: f32 = layer.value.iter().flat_map(|value| x.iter().map(move |x| inner(&value[j], x) / 5.0)).sum();
            let queries: f32 = layer.query[a].iter().map(|query| inner(query, &x[n])).sum();
            near(y[a * 3 + j], f64::from(queries * mean));
        }
    }
}

/// The same input for all tokens but one, whose place alone the middle tap can tell.
#[test]
fn a_window_of_one_hears_the_token_itself() {
    let mut layer = Lambda::<5, 6, 2, 3, 3, 1, 1>::ZERO;
    layer.init(Key::new(4, Purpose::Init));
    let x: [[f32; 6]; 5] = tensor(0.1, 1.0);
    let with = run(&layer, x.flat(), &[0.0; 30]).0;
    layer.position = Tensor::ZERO;
    let without = run(&layer, x.flat(), &[0.0; 30]).0;
    layer.position = [[[0.7, -0.2, 0.4]]];
    let own = run(&layer, x.flat(), &[0.0; 30]).0;
    assert_ne!(with, without);
    for (n, (own, without)) in own.chunks(6).zip(without.chunks(6)).enumerate() {
        for (a, j) in (0..2).flat_map(|a| (0..3).map(move |j| (a, j))) {
            let query: f32 = layer.query[a].iter().zip([0.7, -0.2, 0.4]).map(|(q, r)| r * inner(q, &x[n])).sum();
            near(own[a * 3 + j] - without[a * 3 + j], f64::from(query * inner(&layer.value[0][j], &x[n])));
        }
    }
}

/// A channel that is the same for all tokens adds a constant to each key, which a softmax over the tokens does not see.
#[test]
fn what_all_keys_have_in_common_does_not_matter() {
    let mut layer = some();
    let mut x: [[f32; 6]; 5] = tensor(0.1, 1.0);
    x.iter_mut().for_each(|x| x[2] = 1.0);
    let (y, ..) = run(&layer, x.flat(), &[0.0; 30]);
    layer.key.iter_mut().flatten().enumerate().for_each(|(i, key)| key[2] += i as f32 - 2.0);
    let (moved, ..) = run(&layer, x.flat(), &[0.0; 30]);
    y.iter().zip(&moved).for_each(|(y, moved)| near(*moved, f64::from(*y)));
}

/// A window as wide as the stream is a global one whose other taps nobody hears.
#[test]
fn a_neighbourhood_is_a_part_of_all_positions() {
    let local = some();
    let mut global = Lambda::<5, 6, 2, 3, 3, 2, 9>::ZERO;
    (global.query, global.key, global.value) = (local.query, local.key, local.value);
    for (global, local) in global.position.iter_mut().zip(&local.position) {
        global[3..6].copy_from_slice(local);
    }
    let (x, dy): ([[f32; 6]; 5], [[f32; 6]; 5]) = (tensor(0.1, 1.0), tensor(0.6, 1.0));
    let ((y, _, dx), (y_local, _, dx_local)) = (run(&global, x.flat(), dy.flat()), run(&local, x.flat(), dy.flat()));
    y.iter().zip(&y_local).chain(dx.iter().zip(&dx_local)).for_each(|(a, b)| near(*a, f64::from(*b)));
}

#[test]
fn its_weights_start_with_the_variance_that_their_sums_need() {
    let mut layer = Lambda::<16, 16, 4, 8, 4, 1, 31>::ZERO;
    layer.init(Key::new(5, Purpose::Init));
    let variance = |weights: &[f32]| weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
    let ratio = |weights: &[f32], expected: f32| assert!((variance(weights) * expected - 1.0).abs() < 0.2);
    ratio(layer.query.flat(), 16.0 * 8.0);
    ratio(layer.key.flat(), 16.0);
    ratio(layer.value.flat(), 16.0);
    ratio(layer.position.flat(), 16.0 * 8.0);
}

/// Any blocks, with a stem and a head that are the same for all.
type Around<const N: usize, const C: usize, B> = Net<N, C, PatchEmbedding<N, 2, 1, C>, B, MeanHead<C, 3>>;
type Global = LambdaBlock<7, 6, 2, 3, 3, 2, 13, 5>;
type Local = LambdaBlock<7, 6, 3, 4, 2, 1, 3, 5>;

#[test]
fn the_gradient_is_right() {
    check_gradient::<Around<7, 6, [Global; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<7, 6, [Local; 2]>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<5, 9, PreNormResidual<Lambda<5, 9, 1, 5, 9, 3, 5>, 9>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    for (dropout, stochastic_depth) in [(0.3, 0.0), (0.0, 0.5), (0.2, 0.2)] {
        check_gradient::<Around<7, 6, (Global, Local)>>(&tensor(0.1, 1.0), dropout, stochastic_depth);
    }
}

#[test]
fn its_products_are_counted() {
    type Layer = Lambda<4, 6, 2, 3, 2, 2, 3>;
    let pairs = 2 + 3 + 3 + 2;
    assert_eq!(Layer::COST.macs, 4 * 6 * (6 + 6 + 4) + pairs * 2 * 3 * 2 + 4 * 2 * 3 * 2 + 4 * 2 * 3 * 2);
    assert_eq!(Layer::COST.train_macs, 3 * Layer::COST.macs + pairs * 2 * 3 * 2);
    assert_eq!(Layer::COST.saved, 4 * (2 * 3 + 2 * 3 + 2 * 2) + 3 * 2);
}

#[test]
fn checkpoints_fit() {
    same::<Around<7, 6, [Global; 4]>, Around<7, 6, Checkpointed<Global, 2, 2>>>();
    same::<Around<7, 6, [Local; 4]>, Around<7, 6, Checkpointed<Local, 1, 4>>>();
}

#[test]
fn arenas_are_used_to_the_last_value() {
    check_arena::<Around<7, 6, [Global; 2]>>();
    check_arena::<Around<7, 6, [Local; 2]>>();
    // The rows of input that the weights' gradients need take the most here, and the keys there.
    check_arena::<Around<5, 16, [PreNormResidual<Lambda<5, 16, 8, 1, 2, 1, 9>, 16>; 2]>>();
    check_arena::<Around<9, 2, [PreNormResidual<Lambda<9, 2, 1, 6, 2, 1, 3>, 2>; 2]>>();
}
