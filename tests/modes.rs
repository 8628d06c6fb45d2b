//! The memory modes: the same gradient to the last bit whatever is kept, arenas of which every value is used, and
//! training with small states and samples.

mod common;

use common::modes::{Around, BitFitMixer, LastOf, Mixer, check_arena, gradient, names, same};
use common::{analytic, check_gradient, flat, parameters, pass, tensor};
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Scaler;
use trainlet::nn::block::{
    Block, BlockInput, Checkpointed, Frozen, InFlash, Keep, KeepSlopes, MixerBlock, Recompute, Reversible,
    ReversibleBlock,
};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{BitFit, Gelu, Relu, Tanh};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{Int8, PatchEmbedding};
use trainlet::optim::{Adam, AdamConfig, Bf16, Block8, Momentum, MomentumConfig, Optimizer, Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

/// All modes of a stack of six blocks.
macro_rules! same_in_all_modes {
    ($n:literal, $c:literal) => {{
        type Stack<K> = Around<$n, $c, [Mixer<$n, $c, K>; 6]>;
        same::<Stack<Keep>, Stack<KeepSlopes>>();
        same::<Stack<Keep>, Stack<Recompute>>();
        same::<Stack<Keep>, Stack<Recompute<1>>>();
        same::<Stack<Keep>, Stack<Recompute<3>>>();
        same::<Stack<Keep>, Stack<BlockInput>>();
        same::<Stack<Keep>, Stack<BlockInput<2>>>();
        same::<Stack<Keep>, Around<$n, $c, Checkpointed<Mixer<$n, $c, Keep>, 2, 3>>>();
        same::<Stack<Keep>, Around<$n, $c, Checkpointed<Mixer<$n, $c, Recompute>, 3, 2>>>();
        same::<Stack<Keep>, Around<$n, $c, Checkpointed<Mixer<$n, $c, BlockInput>, 6, 1>>>();
    }};
}

#[test]
fn gradients_are_the_same_to_the_last_bit_in_all_modes() {
    same_in_all_modes!(4, 6);
    same_in_all_modes!(7, 5);
    same_in_all_modes!(1, 3);
    same_in_all_modes!(6, 1);
    same_in_all_modes!(16, 12);
    same_in_all_modes!(33, 37);
}

#[test]
fn slopes_of_any_activation_may_be_kept() {
    type Of<K, A> = Around<7, 5, [Mixer<7, 5, K, A>; 2]>;
    same::<Of<Keep, Tanh>, Of<KeepSlopes, Tanh>>();
    same::<Of<Keep, Relu>, Of<KeepSlopes, Relu>>();
}

#[test]
fn every_mode_uses_its_arena_to_the_last_value() {
    check_arena::<Around<7, 5, [Mixer<7, 5, Keep>; 2]>>();
    check_arena::<Around<7, 5, [Mixer<7, 5, KeepSlopes>; 2]>>();
    check_arena::<Around<7, 5, [Mixer<7, 5, Recompute>; 2]>>();
    check_arena::<Around<7, 5, [Mixer<7, 5, Recompute<2>>; 2]>>();
    check_arena::<Around<16, 12, [MixerBlock<16, 12, 16, 24, Gelu, Recompute<3>>; 1]>>();
    check_arena::<Around<16, 12, [MixerBlock<16, 12, 16, 24, Gelu, BlockInput<2>>; 1]>>();
    check_arena::<Around<7, 5, [Mixer<7, 5, BlockInput>; 2]>>();
    check_arena::<Around<7, 5, Checkpointed<Mixer<7, 5, Keep>, 2, 3>>>();
    check_arena::<Around<7, 5, Checkpointed<Mixer<7, 5, BlockInput>, 2, 2>>>();
    check_arena::<Around<7, 6, Reversible<ReversibleBlock<7, 3, 4, 5>, 3>>>();
    check_arena::<Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, Frozen<[Mixer<7, 5, Keep>; 2]>, MeanHead<5, 3>>>();
    check_arena::<Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, LastOf<7, 5, 2, 1, Recompute>, MeanHead<5, 3>>>();
    check_arena::<Around<7, 5, [BitFitMixer<7, 5, Recompute>; 2]>>();
}

/// Less is kept from one mode to the next.
#[test]
fn modes_need_less_and_less() {
    let of = [
        Around::<16, 12, [MixerBlock<16, 12, 16, 24, Gelu, KeepSlopes>; 6]>::ACTIVATIONS,
        Around::<16, 12, [MixerBlock<16, 12, 16, 24>; 6]>::ACTIVATIONS,
        Around::<16, 12, [MixerBlock<16, 12, 16, 24, Gelu, Recompute>; 6]>::ACTIVATIONS,
        Around::<16, 12, [MixerBlock<16, 12, 16, 24, Gelu, BlockInput>; 6]>::ACTIVATIONS,
        Around::<16, 12, Checkpointed<MixerBlock<16, 12, 16, 24, Gelu, BlockInput>, 3, 2>>::ACTIVATIONS,
    ];
    assert!(of.is_sorted_by(|a, b| a > b), "{of:?}");
    let reversible = |depth: usize| match depth {
        2 => Around::<16, 12, Reversible<ReversibleBlock<16, 6, 16, 24>, 2>>::ACTIVATIONS,
        _ => Around::<16, 12, Reversible<ReversibleBlock<16, 6, 16, 24>, 50>>::ACTIVATIONS,
    };
    assert_eq!(reversible(2), reversible(50), "depth costs a reversible stack nothing");
}

#[test]
fn reversible_blocks_have_the_right_gradient() {
    check_gradient::<Around<5, 6, Reversible<ReversibleBlock<5, 3, 4, 7, Tanh>, 3>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<4, 2, Reversible<ReversibleBlock<4, 1, 3, 2>, 2>>>(&tensor(0.1, 1.0), 0.0, 0.0);
    check_gradient::<Around<4, 6, Reversible<ReversibleBlock<4, 3, 3, 2>, 3>>>(&tensor(0.1, 1.0), 0.2, 0.5);
}

/// Running backwards ends near where running forwards began, at any depth.
#[test]
fn reversible_blocks_find_their_input_again() {
    fn drift<const L: usize>() -> f32 {
        type Stack<const L: usize> = Reversible<ReversibleBlock<8, 32, 8, 32>, L>;
        let mut stack = Box::new(Stack::<L>::ZERO);
        stack.init(Key::new(1, Purpose::Init));
        let scratch = <Stack<L> as Block<8, 64>>::COST.scratch;
        let input: [[f32; 64]; 8] = tensor(0.1, 1.0);
        let (mut x, mut saved, mut scratch) = (input, vec![0.0; 8 * 64], vec![0.0; scratch]);
        let pass = pass(0.1, 0.0, L, 0);
        stack.forward(&mut x, &mut saved, &mut scratch, &pass);
        stack.backward(&mut vec![0.0; Stack::<L>::TRAINABLE], &mut x, &mut saved, &mut scratch, &pass);
        let errors = saved.iter().zip(input.as_flattened()).map(|(a, b)| (a - b).abs());
        errors.fold(0.0, f32::max)
    }
    let drifts = [drift::<10>(), drift::<20>(), drift::<50>()];
    println!("largest error after 10, 20 and 50 blocks: {drifts:?}");
    assert!(drifts.iter().zip([2e-6, 4e-6, 2e-5]).all(|(drift, most)| drift < &most), "{drifts:?}");
}

/// A frozen part is left alone, costs nothing, and the rest learns as if it were all that there is.
#[test]
fn frozen_parts_have_no_gradient_and_the_others_the_same_one() {
    type All = Around<7, 5, [Mixer<7, 5, Keep>; 3]>;
    type Last = Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, LastOf<7, 5, 2, 1, Keep>, MeanHead<5, 3>>;
    type HeadOnly = Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, Frozen<[Mixer<7, 5, Keep>; 3]>, MeanHead<5, 3>>;
    type Biases = Net<7, 5, PatchEmbedding<7, 2, 1, 5, BitFit>, [BitFitMixer<7, 5, Keep>; 3], MeanHead<5, 3>>;
    let all = gradient::<All>();
    for (part, expected) in [
        (gradient::<Last>(), vec!["blocks.2.", "norm.", "head."]),
        (gradient::<HeadOnly>(), vec!["norm.", "head."]),
        (gradient::<Biases>(), vec!["embed.bias", "_norm.", "0.bias", "1.bias", "norm.", "head."]),
    ] {
        let of_all: Vec<_> =
            all.iter().filter(|(name, _)| expected.iter().any(|e| name.contains(e))).cloned().collect();
        // `norm.` alone is the head's, but stands in the names of the blocks' as well.
        let of_all: Vec<_> = of_all.into_iter().filter(|(name, _)| part.iter().any(|(n, _)| n == name)).collect();
        assert!(!part.is_empty() && part == of_all, "{part:?} {of_all:?}");
    }
    assert_eq!(names::<All>(), names::<Last>());
    assert_eq!(names::<All>(), names::<HeadOnly>());
    assert_eq!(
        (Last::COST.saved, HeadOnly::COST.saved),
        (All::COST.saved - 2 * blocks_saved(), All::COST.saved - 3 * blocks_saved())
    );
    assert_eq!(HeadOnly::TRAINABLE, 10 + 18);
    assert_eq!(Biases::TRAINABLE, 5 + 3 * (4 * 5 + 5 + 7 + 3 + 5) + 10 + 18);
}

/// What is drawn at random in the blocks behind a frozen part is the same in both directions, and at the rates of their depth.
#[test]
fn blocks_behind_a_frozen_part_keep_their_masks() {
    type Last = Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, LastOf<7, 5, 1, 2, Recompute>, MeanHead<5, 3>>;
    type First = Net<7, 5, Frozen<PatchEmbedding<7, 2, 1, 5>>, Frozen<[Mixer<7, 5, Keep>; 3]>, MeanHead<5, 3>>;
    check_gradient::<Last>(&tensor(0.1, 1.0), 0.2, 0.0);
    let outputs = |sample| {
        let (last, first) = (parameters::<Last>(0.5), parameters::<First>(0.5));
        let (mut of_last, mut of_first) = ([0.0; 3], [0.0; 3]);
        let pass = pass(0.0, 1.0, 3, sample);
        last.forward(&tensor(0.1, 1.0), &mut of_last, &mut [0.0; Last::ACTIVATIONS], &pass);
        first.forward(&tensor(0.1, 1.0), &mut of_first, &mut [0.0; First::ACTIVATIONS], &pass);
        (of_last, of_first)
    };
    // The last block is always left out, the one before half of the time: never do both work, as they do in a frozen part.
    assert!((0..20).all(|sample| outputs(sample).0 != outputs(sample).1));
    let distinct: std::collections::BTreeSet<_> = (0..20).map(|sample| outputs(sample).0.map(f32::to_bits)).collect();
    assert_eq!(distinct.len(), 4, "either branch of the second block");
}

fn blocks_saved() -> usize {
    <Mixer<7, 5, Keep> as Block<7, 5>>::COST.saved
}

/// Weights in flash do what the same weights do in RAM.
#[test]
fn frozen_weights_can_be_in_flash() {
    type Stem = PatchEmbedding<7, 2, 1, 5>;
    type Blocks = [Mixer<7, 5, Keep>; 2];
    type InRam = Net<7, 5, Frozen<Stem>, Frozen<Blocks>, MeanHead<5, 3>>;
    type Flash = Net<7, 5, InFlash<Stem>, InFlash<Blocks>, MeanHead<5, 3>>;
    let ram = parameters::<InRam>(0.5);
    let mut flash = Flash::ZERO;
    flash.head.walk(&mut |leaf, values| {
        ram.head.read(&mut |other, source| {
            if leaf.path.to_string() == other.path.to_string() {
                values.copy_from_slice(source);
            }
        });
    });
    let (mut before, mut after) = ([0.0; 3], [0.0; 3]);
    flash.infer(&tensor(0.1, 1.0), &mut before, &mut [0.0; Flash::INFER_ARENA]);
    let stem: &'static Stem = Box::leak(parameters::<Stem>(0.5));
    let blocks: &'static Blocks = Box::leak(parameters::<Blocks>(0.5));
    flash.stem.set(stem);
    flash.blocks.set(blocks);
    let mut whole = InRam { stem: Frozen(Stem::ZERO), blocks: Frozen(Blocks::ZERO), head: ram.head };
    copy(&mut whole.stem.0, stem);
    copy(&mut whole.blocks.0, blocks);
    flash.infer(&tensor(0.1, 1.0), &mut after, &mut [0.0; Flash::INFER_ARENA]);
    let mut expected = [0.0; 3];
    whole.infer(&tensor(0.1, 1.0), &mut expected, &mut [0.0; InRam::INFER_ARENA]);
    assert_eq!(after, expected);
    assert_ne!(before, after);
    assert_eq!(size_of::<Flash>(), 2 * size_of::<usize>() + size_of::<MeanHead<5, 3>>().next_multiple_of(8));
    assert_eq!(flat(&flash).len(), flat(&whole).len(), "a checksum covers what is in flash");
    let gradient = |model: &dyn Fn(&mut [f32])| {
        let mut gradient = [0.0; Flash::TRAINABLE];
        model(&mut gradient);
        gradient
    };
    let pass = pass(0.0, 0.0, 2, 0);
    assert_eq!(
        gradient(&|g| g.copy_from_slice(&analytic(&flash, &tensor(0.1, 1.0), &[1.0; 3], &pass))),
        gradient(&|g| g.copy_from_slice(&analytic(&whole, &tensor(0.1, 1.0), &[1.0; 3], &pass)))
    );
}

fn copy<P: Params>(to: &mut P, from: &P) {
    let mut values = flat(from).into_iter();
    to.walk(&mut |_, target| target.iter_mut().for_each(|value| *value = values.next().unwrap().1));
}

/// States in few bits lead to nearly the same place.
#[test]
fn small_states_learn_as_well() {
    type M = Around<7, 5, [Mixer<7, 5, Keep>; 2]>;
    fn loss<O: Optimizer>(optimizer: O::Config, lr: f32) -> f32 {
        let mut trainer = Box::new(Trainer::<M, CrossEntropy, O, [f32; M::ARENA]>::ZERO);
        trainer.init(Config::new(3, CrossEntropy::new(), optimizer, Schedule::constant(lr)).clipped(1.0)).unwrap();
        let samples = (0..12).map(|sample| (tensor(f64::from(sample), 1.0), (sample % 3) as usize));
        let mut last = 0.0;
        for _ in 0..150 {
            last = 0.0;
            for (input, class) in samples.clone() {
                last += trainer.accumulate(&input, &class, 1.0 / 12.0).unwrap() / 12.0;
            }
            trainer.step();
        }
        last
    }
    const BLOCKS: usize = M::TRAINABLE.div_ceil(Block8::LEN);
    let adam = [
        loss::<Adam<[f32; M::TRAINABLE]>>(AdamConfig::adam(), 1e-2),
        loss::<Adam<[Bf16; M::TRAINABLE]>>(AdamConfig::adam(), 1e-2),
        loss::<Adam<[Block8; BLOCKS]>>(AdamConfig::adam(), 1e-2),
    ];
    let momentum = [
        loss::<Momentum<[f32; M::TRAINABLE]>>(MomentumConfig::new(0.9), 0.1),
        loss::<Momentum<[Bf16; M::TRAINABLE]>>(MomentumConfig::new(0.9), 0.1),
        loss::<Momentum<[Block8; BLOCKS]>>(MomentumConfig::new(0.9), 0.1),
    ];
    println!("losses with f32, bf16 and 8-bit states: Adam {adam:?}, momentum {momentum:?}");
    for [full, small @ ..] in [adam, momentum] {
        assert!(full < 0.1 && small.iter().all(|loss| *loss < 2.0 * full + 0.02), "{full} {small:?}");
    }
}

/// Samples in bytes are the same samples.
#[test]
fn bytes_train_as_their_values_do() {
    type Values = Around<7, 5, [Mixer<7, 5, Recompute>; 2]>;
    type Bytes = Net<7, 5, Int8<PatchEmbedding<7, 2, 1, 5>, 2>, [Mixer<7, 5, Recompute>; 2], MeanHead<5, 3>>;
    let (scale, scaler) = ([0.025, 1.5], Scaler { mean: [0.3, -20.0], std: [0.7, 90.0] });
    let mut values = Trainer::<Values, CrossEntropy, Sgd, [f32; Values::ARENA]>::ZERO;
    let mut bytes = Trainer::<Bytes, CrossEntropy, Sgd, [f32; Bytes::ARENA]>::ZERO;
    let mut online = Online::<Bytes, CrossEntropy, Sgd, [f32; Bytes::ONLINE_ARENA]>::ZERO;
    let config = Config::new(3, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(0.02));
    bytes.weights.stem.set(scale, scaler.mean, scaler.std).unwrap();
    online.weights.stem.set(scale, scaler.mean, scaler.std).unwrap();
    values.init(config).unwrap();
    bytes.init(config).unwrap();
    online.init(config).unwrap();
    for sample in 0..10 {
        let codes: [[i8; 2]; 7] =
            std::array::from_fn(|i| std::array::from_fn(|j| (37 * (i + 1) * (j + 2) * (sample + 1)) as i8));
        let mut input = codes.map(|row| [scale[0] * f32::from(row[0]), scale[1] * f32::from(row[1])]);
        input.iter_mut().for_each(|row| scaler.apply(row));
        let class = sample % 3;
        let loss = values.accumulate(&input, &class, 1.0).unwrap();
        assert_eq!(bytes.accumulate(&codes, &class, 1.0).unwrap(), loss);
        assert_eq!(online.learn(&codes, &class).unwrap().loss, loss);
        assert_eq!(bytes.step(), values.step());
        assert_eq!(bytes.predict(&codes), values.predict(&input));
    }
    assert_eq!(flat(&bytes.weights), flat(&values.weights));
    assert_eq!(flat(&online.weights), flat(&values.weights));
}
