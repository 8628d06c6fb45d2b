//! Masked auto-encoding: gradients, what the blocks see, memory.

mod common;

use common::modes::check_arena;
use common::{analytic, check_differences, check_gradient, named, parameters, pass, tensor};
use trainlet::core::params::Params;
use trainlet::core::size::Cost;
use trainlet::core::tensor::Tensor;
use trainlet::extra::masked::{Latents, Mask, MaskedNet, Reconstruction, Replace, Subset};
use trainlet::nn::block::{Block, Keep, MixerBlock, Recompute};
use trainlet::nn::head::ReconstructionHead;
use trainlet::nn::layer::Gelu;
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::nn::stem::{PatchEmbedding, Stem};
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

type Mixer<const N: usize, const C: usize, K = Keep> = MixerBlock<N, C, 5, 3, Gelu, K>;
/// Patches of one position with two features.
type Guess<const N: usize, const V: usize, const C: usize, B, D, E> =
    MaskedNet<N, V, C, PatchEmbedding<N, 2, 1, C>, B, D, ReconstructionHead<C, 2>, E>;
type Replaced<const N: usize, const V: usize, const C: usize> = Guess<N, V, C, [Mixer<N, C>; 2], (), Replace>;
type Alone<const N: usize, const V: usize, const C: usize> = Guess<N, V, C, [Mixer<N, C>; 2], [Mixer<N, C>; 1], Subset>;

#[test]
fn gradients_with_mask_tokens_in_place_of_the_hidden_ones() {
    check_gradient::<Replaced<7, 3, 5>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Replaced<4, 1, 6>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Replaced<5, 4, 7>>(&tensor(0.1, 1.0), 0.2, 0.3);
    check_gradient::<Guess<7, 3, 5, Mixer<7, 5, Recompute<2>>, [Mixer<7, 5>; 1], Replace>>(&tensor(0.1, 1.0), 0.1, 0.0);
}

#[test]
fn gradients_with_blocks_that_see_the_visible_tokens_alone() {
    check_gradient::<Alone<7, 3, 5>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Alone<5, 4, 6>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Alone<3, 1, 4>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Alone<7, 5, 3>>(&tensor(0.1, 1.0), 0.2, 0.3);
}

#[test]
fn a_last_patch_that_the_sample_does_not_fill() {
    type Ragged<E> =
        MaskedNet<3, 1, 4, PatchEmbedding<7, 2, 3, 4>, [Mixer<3, 4>; 1], [Mixer<3, 4>; 1], ReconstructionHead<4, 6>, E>;
    check_gradient::<Ragged<Replace>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Ragged<Subset>>(&tensor(0.1, 1.0), 0.0, 0.0);
}

#[test]
fn the_arena_is_used_to_the_last_value() {
    check_arena::<Replaced<7, 3, 5>>();
    check_arena::<Alone<7, 3, 5>>();
    check_arena::<Guess<7, 3, 5, [Mixer<7, 5, Recompute>; 2], [Mixer<7, 5>; 1], Replace>>();
    check_arena::<MaskedNet<4, 2, 5, Leaky, [Mixer<4, 5>; 1], (), ReconstructionHead<5, 2>>>();
    check_arena::<Latent<7, 3, 5, (), Replace>>();
    check_arena::<Latent<7, 3, 5, [Mixer<7, 5>; 1], Subset>>();
    check_arena::<MaskedNet<3, 1, 7, PatchEmbedding<3, 2, 1, 7>, (), (), ReconstructionHead<7, 7>, Replace, Latents>>();
}

/// Predicts latents.
type Latent<const N: usize, const V: usize, const C: usize, D, E> =
    MaskedNet<N, V, C, PatchEmbedding<N, 2, 1, C>, [Mixer<N, C>; 2], D, ReconstructionHead<C, C>, E, Latents>;

/// What stem and blocks make of the whole sample, normalised token by token, in f64.
fn latents<const N: usize, const C: usize>(
    stem: &impl Stem<N, C, Input = [[f32; 2]; N]>,
    blocks: &impl Block<N, C>,
    input: &[[f32; 2]; N],
) -> [[f32; C]; N] {
    let (mut x, mut scratch) = ([[0.0; C]; N], vec![0.0; 1000]);
    stem.infer(input, &mut x, &mut scratch);
    blocks.infer(&mut x, &mut scratch);
    x.map(|token| {
        let token = token.map(f64::from);
        let mean = token.iter().sum::<f64>() / C as f64;
        let variance = token.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / C as f64;
        token.map(|value| ((value - mean) / (variance + 1e-5).sqrt()) as f32)
    })
}

/// The gradient is that of the loss against a target that stays as it is: against latents computed apart, before any weight is
/// changed.
macro_rules! check_latents {
    ($n:literal, $v:literal, $c:literal, $decoder:ty, $encoder:ty) => {{
        type Net = Latent<$n, $v, $c, $decoder, $encoder>;
        let (mut model, input) = (parameters::<Net>(0.5), tensor(0.1, 1.0));
        let pass = pass(0.0, 0.0, Net::COST.depth, 0);
        let mask = Mask::<$n, $v>::draw(pass.child(4).key());
        let target = latents(&model.stem, &model.blocks, &input);
        let loss = |model: &Net| {
            let mut guess = [[0.0; $c]; $n];
            model.reconstruct(&input, &mask, &mut guess, &mut vec![0.0; Net::INFER_ARENA]);
            let squares = guess.as_flattened().iter().zip(target.as_flattened());
            let squares: Vec<_> = squares.map(|(y, t)| (f64::from(*y) - f64::from(*t)).powi(2)).collect();
            let hidden = squares.chunks($c).zip(mask.hidden()).filter(|(_, hidden)| *hidden);
            hidden.map(|(token, _)| token.iter().sum::<f64>()).sum::<f64>() / (($n - $v) * $c) as f64
        };

        let (mut output, mut arena) = ([0.0], vec![0.0; Net::ACTIVATIONS]);
        model.forward(&input, &mut output, &mut arena, &pass);
        assert!((f64::from(output[0]) - loss(&model)).abs() < 1e-5 * loss(&model), "{output:?} {}", loss(&model));

        let gradient = analytic(&*model, &input, &[1.0], &pass);
        check_differences(&mut *model, &gradient, loss);
    }};
}

#[test]
fn gradients_of_latents_leave_the_target_alone() {
    check_latents!(7, 3, 5, (), Replace);
    check_latents!(4, 1, 6, [Mixer<4, 6>; 1], Replace);
    check_latents!(7, 3, 5, [Mixer<7, 5>; 1], Subset);
}

/// By hand: tokens (100, 300) and (500, 100), normalised (-1, 1) and (1, -1); the guess for the hidden one is the bias of the head.
#[test]
fn the_loss_of_latents_by_hand() {
    type Net = MaskedNet<2, 1, 2, PatchEmbedding<2, 2, 1, 2>, (), (), ReconstructionHead<2, 2>, Replace, Latents>;
    let mut model = Net::ZERO;
    model.stem.weight = [[[1.0, 0.0]], [[0.0, 1.0]]];
    model.task.head.head.bias = [0.5, 0.0];
    let pass = pass(0.0, 0.0, 0, 0);
    let hidden = Mask::<2, 1>::draw(pass.child(4).key()).hidden().position(|hidden| hidden).unwrap();
    let (mut loss, mut arena) = ([0.0], vec![0.0; Net::ACTIVATIONS]);
    model.forward(&[[100.0, 300.0], [500.0, 100.0]], &mut loss, &mut arena, &pass);
    let expected = [(1.5 * 1.5 + 1.0) / 2.0, (0.5 * 0.5 + 1.0) / 2.0][hidden];
    assert!((loss[0] - expected).abs() < 1e-5, "{loss:?} {expected}");
}

/// Every hidden token is the mask token, so its gradient is that of the stem's bias for these; the stem's own is for
/// the others.
#[test]
fn the_mask_token_learns_from_hidden_tokens_and_the_stem_from_visible_ones() {
    type Net = Replaced<7, 3, 5>;
    let (mut model, input) = (parameters::<Net>(0.5), tensor(0.1, 1.0));
    let gradient = |model: &Net| named(model, &analytic(model, &input, &[1.0], &pass(0.0, 0.0, 2, 0)));
    let of = |gradient: &[(String, f32)], leaf: &str| {
        gradient.iter().filter(|(name, _)| name == leaf).map(|(_, g)| *g).collect::<Vec<_>>()
    };
    let before = gradient(&model);
    assert!(of(&before, "pretext.mask_token").iter().all(|g| g.abs() > 1e-6));
    assert!(of(&before, "embed.bias").iter().all(|g| g.abs() > 1e-6));

    // What is hidden does not reach the guess: a change there changes the loss, not the stem's gradient of other
    // patches.
    let mask = Mask::<7, 3>::draw(pass(0.0, 0.0, 2, 0).child(4).key());
    let (mut guess, mut other) = (<[[f32; 2]; 7]>::ZERO, <[[f32; 2]; 7]>::ZERO);
    let mut arena = vec![0.0; Net::INFER_ARENA];
    model.reconstruct(&input, &mask, &mut guess, &mut arena);
    let mut changed = input;
    for (patch, hidden) in changed.iter_mut().zip(mask.hidden()) {
        if hidden {
            *patch = [7.0, -9.0];
        }
    }
    model.reconstruct(&changed, &mask, &mut other, &mut arena);
    assert_eq!(guess, other);

    model.task.mask_token.mask_token = [0.3; 5];
    assert_ne!(of(&gradient(&model), "embed.bias"), of(&before, "embed.bias"));
}

/// A stem whose tokens depend on the patch after their own, too.
struct Leaky(PatchEmbedding<4, 2, 1, 5>);

impl Params for Leaky {
    const ZERO: Self = Self(Params::ZERO);
    const COUNT: usize = PatchEmbedding::<4, 2, 1, 5>::COUNT;
    const TRAINABLE: usize = Self::COUNT;

    fn walk_at(&mut self, path: &trainlet::core::params::Path, visit: trainlet::core::params::Visit) {
        self.0.walk_at(path, visit);
    }

    fn read_at(
        &self,
        path: &trainlet::core::params::Path,
        visit: &mut dyn FnMut(&trainlet::core::params::Leaf, &[f32]),
    ) {
        self.0.read_at(path, visit);
    }
}

impl Leaky {
    fn shifted(input: &[[f32; 2]; 4]) -> [[f32; 2]; 4] {
        std::array::from_fn(|n| std::array::from_fn(|j| input[n][j] + input[(n + 1) % 4][j]))
    }
}

impl Stem<4, 5> for Leaky {
    type Input = [[f32; 2]; 4];
    const COST: Cost = Cost::of::<Self>().with_macs(40, 2);

    fn infer(&self, input: &[[f32; 2]; 4], x: &mut [[f32; 5]; 4], scratch: &mut [f32]) {
        self.0.infer(&Self::shifted(input), x, scratch);
    }

    fn forward(&self, input: &[[f32; 2]; 4], x: &mut [[f32; 5]; 4], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
        self.infer(input, x, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &[[f32; 2]; 4],
        dx: &mut [[f32; 5]; 4],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        self.0.backward(grad, &Self::shifted(input), dx, saved, scratch, pass);
    }
}

#[test]
fn a_stem_that_looks_beyond_its_patch_does_not_see_what_is_hidden() {
    type Net = MaskedNet<4, 2, 5, Leaky, [Mixer<4, 5>; 1], (), ReconstructionHead<5, 2>>;
    check_gradient::<Net>(&tensor(0.1, 1.0), 0.0, 0.0);
    let (model, mask) = (parameters::<Net>(0.5), Mask::from_shuffle([2, 0, 1, 3]));
    let guess = |input| {
        let mut guess = <[[f32; 2]; 4]>::ZERO;
        model.reconstruct(&input, &mask, &mut guess, &mut vec![0.0; Net::INFER_ARENA]);
        guess
    };
    assert_eq!(
        guess([[1.0, 2.0], [5.0, 5.0], [3.0, 4.0], [6.0, 6.0]]),
        guess([[1.0, 2.0], [0.0; 2], [3.0, 4.0], [9.0; 2]])
    );
}

/// Two sine waves whose phases part from sample to sample: what is hidden can be guessed.
fn wave(i: u32) -> [[f32; 2]; 8] {
    std::array::from_fn(|n| [0.7 * n as f32 + i as f32, 0.7 * n as f32 - i as f32].map(f32::sin))
}

/// Trains on waves, and gives the share of the first loss that is left, and the weights.
macro_rules! learn_waves {
    ($net:ty) => {{
        type Wave = $net;
        type Of = Trainer<Wave, Reconstruction, Adam<[f32; Wave::TRAINABLE]>, [f32; Wave::ARENA]>;
        let mut trainer = Box::new(Of::ZERO);
        trainer.init(Config::new(3, Reconstruction, AdamConfig::adam(), Schedule::constant(5e-3))).unwrap();
        let mut losses = Vec::new();
        for step in 0..1500 {
            let batch = (0..8).map(|i| trainer.accumulate(&wave(step * 8 + i), &(), 0.125).unwrap());
            losses.push(batch.sum::<f32>() / 8.0);
            trainer.step();
        }
        let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
        (mean(&losses[1450..]) / mean(&losses[..50]), trainer)
    }};
}

#[test]
fn what_is_hidden_of_a_wave_is_learnt() {
    let (left, _) = learn_waves!(Alone<8, 4, 6>);
    assert!(left < 0.3, "{left}");
}

/// The loss falls, and not because all samples have become alike.
#[test]
fn latents_of_a_wave_are_learnt_and_stay_apart() {
    let (left, trainer) = learn_waves!(Latent<8, 4, 6, (), Replace>);
    assert!(left < 0.3, "{left}");
    let of = |i| latents(&trainer.weights.stem, &trainer.weights.blocks, &wave(i));
    let variance = |place: usize| {
        let values: Vec<_> = (0..50).map(|i| of(i).as_flattened()[place]).collect();
        let mean = values.iter().sum::<f32>() / 50.0;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 50.0
    };
    let mean = (0..48).map(variance).sum::<f32>() / 48.0;
    assert!(mean > 0.1, "{mean}");
}
