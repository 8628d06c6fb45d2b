//! Samples side by side: the bits of one after the other, at odd sizes and whatever the portions; arenas of which every value is
//! used.

mod common;

use common::{flat, parameters, pass, tensor};
use trainlet::core::params::Params;
use trainlet::networks::{Mlp42, Mlp42Batch};
use trainlet::nn::head::DenseHead;
use trainlet::nn::layer::{BitFit, Dropout, Gelu, Relu, Tanh};
use trainlet::nn::loss::{BceWithLogits, CrossEntropy, InvalidTarget};
use trainlet::nn::micro_batch::{BatchModel, MicroBatch};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::DenseStem;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Predictor, Trainer};

/// `IN-H-C-K`
type Mlp<const IN: usize, const H: usize, const C: usize, const K: usize, A = Relu> =
    Net<1, C, DenseStem<IN, H, C, A>, (), DenseHead<C, K>>;
type TrainerOf<M, A, S> = Trainer<M, CrossEntropy, Adam<S>, A>;

fn config() -> Config<CrossEntropy, AdamConfig> {
    let mut config = Config::new(5, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-2));
    config.dropout = Dropout { p: 0.3 };
    config
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn weights<M: Params>(model: &M) -> Vec<u32> {
    flat(model).iter().map(|(_, weight)| weight.to_bits()).collect()
}

/// Trains `$net` one sample after the other and `$side` at a time, in batches of all sizes up to 11, and compares after each.
macro_rules! same_bits {
    ($net:ty, $side:literal, $inputs:literal, $classes:literal) => {{
        type One = $net;
        type Side = MicroBatch<$net, $side>;
        let mut one = Box::new(TrainerOf::<One, [f32; One::ARENA], [f32; One::TRAINABLE]>::ZERO);
        let mut side = Box::new(TrainerOf::<Side, [f32; Side::ARENA], [f32; Side::TRAINABLE]>::ZERO);
        one.init(config()).unwrap();
        side.init(config()).unwrap();
        for batch in 1..=11 {
            let inputs: Vec<[f32; $inputs]> = (0..batch).map(|i| tensor(f64::from(batch * 16 + i), 1.0)).collect();
            let targets: Vec<usize> = (0..inputs.len()).map(|i| i % $classes).collect();
            let share = 1.0 / inputs.len() as f32;
            let mut losses = 0.0;
            for (input, target) in inputs.iter().zip(&targets) {
                losses += one.accumulate(input, target, share).unwrap();
            }
            assert_eq!(side.accumulate_batch(&inputs, &targets, share).unwrap().to_bits(), losses.to_bits());
            assert_eq!(side.samples(), one.samples());
            assert!(one.gradient().iter().any(|g| *g != 0.0));
            assert_eq!(bits(side.gradient()), bits(one.gradient()), "{batch} samples, {} at a time", $side);
            assert_eq!(side.step(), one.step());
            assert_eq!(weights(&side.weights), weights(&one.weights));
        }
    }};
}

#[test]
fn gradients_are_those_of_one_after_the_other_to_the_last_bit() {
    same_bits!(Mlp<7, 6, 5, 3>, 1, 7, 3);
    same_bits!(Mlp<7, 6, 5, 3>, 3, 7, 3);
    same_bits!(Mlp<7, 6, 5, 3, Tanh>, 4, 7, 3);
    same_bits!(Mlp<13, 17, 9, 2, Gelu>, 5, 13, 2);
    same_bits!(Mlp<1, 1, 1, 2, Gelu>, 4, 1, 2);
    same_bits!(Mlp<42, 64, 32, 4>, 8, 42, 4);
    same_bits!(Net<1, 5, DenseStem<7, 6, 5, Relu, BitFit>, (), DenseHead<5, 3>>, 4, 7, 3);
}

#[test]
fn a_sample_that_is_not_finite_has_no_part_side_by_side_either() {
    type Net = Mlp<7, 6, 5, 3>;
    type Side = MicroBatch<Net, 4>;
    let mut one = Box::new(TrainerOf::<Net, [f32; Net::ARENA], [f32; Net::TRAINABLE]>::ZERO);
    let mut side = Box::new(TrainerOf::<Side, [f32; Side::ARENA], [f32; Side::TRAINABLE]>::ZERO);
    one.init(config()).unwrap();
    side.init(config()).unwrap();
    let mut inputs: [[f32; 7]; 10] = std::array::from_fn(|i| tensor(i as f64, 1.0));
    (inputs[2][3], inputs[9][0]) = (f32::NAN, f32::INFINITY);
    for input in &inputs {
        one.accumulate(input, &1, 0.1).unwrap();
    }
    assert!(side.accumulate_batch(&inputs, &[1; 10], 0.1).unwrap().is_nan());
    assert_eq!((side.samples(), side.refused()), (10, 2));
    assert_eq!(bits(side.gradient()), bits(one.gradient()));
    assert!(side.step().applied);
}

/// The named network with its own loss, and samples alone between those side by side: their masks follow the count.
#[test]
fn portions_do_not_matter() {
    type Of<M, A> = Trainer<M, BceWithLogits<1>, Adam<[f32; Mlp42::TRAINABLE]>, A>;
    let inputs: [[f32; 42]; 20] = std::array::from_fn(|i| tensor(i as f64, 1.0));
    let targets: [[f32; 1]; 20] = std::array::from_fn(|i| [(i % 2) as f32]);
    let config = || {
        let mut config = Config::new(7, BceWithLogits::new(), AdamConfig::adam(), Schedule::constant(1e-3));
        config.dropout = Dropout { p: 0.5 };
        config
    };
    let mut one = Box::new(Of::<Mlp42, [f32; Mlp42::ARENA]>::ZERO);
    one.init(config()).unwrap();
    for (input, target) in inputs.iter().zip(&targets) {
        one.accumulate(input, target, 0.05).unwrap();
    }
    for alone in [0..0, 1..2, 3..12, 8..19, 0..20] {
        let mut side = Box::new(Of::<Mlp42Batch, [f32; Mlp42Batch::ARENA]>::ZERO);
        side.init(config()).unwrap();
        // What has come into the memory of the gradient is forgotten.
        side.staged_weights().unwrap().fill(1.0);
        side.accumulate_batch(&inputs[..alone.start], &targets[..alone.start], 0.05).unwrap();
        for sample in alone.clone() {
            side.accumulate(&inputs[sample], &targets[sample], 0.05).unwrap();
        }
        side.accumulate_batch(&inputs[alone.end..], &targets[alone.end..], 0.05).unwrap();
        assert_eq!(side.samples(), 20);
        assert_eq!(bits(side.gradient()), bits(one.gradient()), "{alone:?}");
    }
}

#[test]
fn the_arena_is_used_to_the_last_value() {
    type Side = MicroBatch<Mlp<7, 6, 5, 3>, 4>;
    const PAINT: u32 = 0x7fc0_dead;
    let model = parameters::<Side>(0.5);
    let inputs: [[f32; 7]; 4] = std::array::from_fn(|i| tensor(i as f64, 1.0));
    for samples in 1..=4 {
        let mut arena = vec![f32::from_bits(PAINT); Side::ACTIVATIONS + 50];
        let mut outputs = vec![[0.0; 3]; samples];
        let passes = |sample: usize| pass(0.1, 0.0, 0, sample as u64);
        model.model.forward_batch(&inputs[..samples], &mut outputs, &mut arena, &passes);
        let grad = &mut vec![0.0; Side::TRAINABLE];
        model.model.backward_batch(grad, &inputs[..samples], &outputs, &mut arena, &passes);
        let used = arena.iter().take_while(|value| value.to_bits() != PAINT).count();
        assert_eq!(used, samples * Mlp::<7, 6, 5, 3>::ACTIVATIONS, "{samples} samples");
        assert!(arena[used..].iter().all(|value| value.to_bits() == PAINT), "{samples} samples need more");
    }
    assert_eq!(Side::ACTIVATIONS, 4 * Mlp::<7, 6, 5, 3>::ACTIVATIONS);
}

/// Names, the cost of an evaluation and its bits are those of the network itself; RAM is more by the activations alone.
#[test]
fn all_else_is_as_without() {
    type Of<M, A> = Trainer<M, BceWithLogits<1>, Adam<[f32; Mlp42::TRAINABLE]>, A>;
    type One = Of<Mlp42, [f32; Mlp42::ARENA]>;
    type Side = Of<Mlp42Batch, [f32; Mlp42Batch::ARENA]>;
    let (one, side) = (parameters::<Mlp42>(0.5), parameters::<Mlp42Batch>(0.5));
    assert_eq!(flat(&*one), flat(&*side));
    let input = tensor(0.1, 1.0);
    let mut predictor = Predictor::<Mlp42Batch, [f32; Mlp42::INFER_ARENA]>::new(&side);
    assert_eq!(predictor.predict(&input), Predictor::<Mlp42, [f32; Mlp42::INFER_ARENA]>::new(&one).predict(&input));
    assert_eq!((Mlp42Batch::COST.macs, Mlp42Batch::COST.train_macs), (Mlp42::COST.macs, Mlp42::COST.train_macs));
    let (side, one) = (Side::BUDGET, One::BUDGET);
    assert_eq!(side.total, size_of::<Side>());
    assert_eq!([side.stream, side.saved, side.scratch], [8 * one.stream, 8 * one.saved, 8 * one.scratch]);
    assert_eq!(side.total - one.total, 7 * 4 * Mlp42::ACTIVATIONS);
}

#[test]
fn an_invalid_target_leaves_out_its_portion_and_what_comes_behind() {
    type Side = MicroBatch<Mlp<7, 6, 5, 3>, 4>;
    type SideTrainer = TrainerOf<Side, [f32; Side::ARENA], [f32; Side::TRAINABLE]>;
    let fresh = || {
        let mut trainer = SideTrainer::ZERO;
        trainer.init(config()).unwrap();
        trainer
    };
    let inputs: [[f32; 7]; 10] = std::array::from_fn(|i| tensor(i as f64, 1.0));
    let mut targets = [0; 10];
    targets[6] = 3;
    let (mut disturbed, mut plain) = (fresh(), fresh());
    assert_eq!(disturbed.accumulate_batch(&inputs, &targets, 0.1), Err(InvalidTarget));
    plain.accumulate_batch(&inputs[..4], &targets[..4], 0.1).unwrap();
    assert_eq!((disturbed.samples(), bits(disturbed.gradient())), (4, bits(plain.gradient())));
    assert_eq!(disturbed.accumulate_batch(&inputs, &targets[..5], 0.1), Err(InvalidTarget));
    assert_eq!(disturbed.accumulate_batch(&inputs[..5], &targets, 0.1), Err(InvalidTarget));
    assert_eq!(disturbed.accumulate_batch(&[], &[], 0.1), Ok(0.0));
    assert_eq!(disturbed.samples(), 4);
    assert_eq!(disturbed.step(), plain.step());
}
