//! The mistakes of the numpy program that this project started from, each with a test that it is not made here.
//!
//! The last of them, a README that told of other settings than the ones that ran, has its test where the runs are: the
//! record of a run holds its options (`host-sim/tests/command`).

mod common;

use common::{analytic, flat, named, parameters, pass, tensor};
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::data::{Scaler, ScalerFit};
use trainlet::metrics::Metrics;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, LrShape, Optimizer, Schedule, Sgd, SgdConfig, grad_norm};
use trainlet::train::{Config, Trainer};

type Mixer = Net<4, 6, PatchEmbedding<4, 2, 1, 6>, [MixerBlock<4, 6, 5, 3>; 2], MeanHead<6, 3>>;
type MixerTrainer<O> = Trainer<Mixer, CrossEntropy, O, [f32; Mixer::ARENA]>;
type F32 = [f32; Mixer::TRAINABLE];
type Sample = <Mixer as Model>::Input;

fn trainer<O: Optimizer>(
    optimizer: O::Config,
    change: impl FnOnce(&mut Config<CrossEntropy, O::Config, true>),
) -> MixerTrainer<O> {
    let mut config = Config::new(3, CrossEntropy::new(), optimizer, Schedule::constant(0.1)).clipped(None);
    change(&mut config);
    let mut trainer = MixerTrainer::<O>::ZERO;
    trainer.init(config).unwrap();
    trainer
}

fn sample(phase: f64) -> Sample {
    tensor(phase, 1.0)
}

fn weights(trainer: &MixerTrainer<impl Optimizer>) -> Vec<f32> {
    flat(&trainer.weights).into_iter().map(|(_, value)| value).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// 1: its clipping scaled a copy of the gradient.
#[test]
fn clipping_shortens_the_step_that_is_taken() {
    let mut trainer = trainer::<Sgd>(SgdConfig::default(), |config| config.clip = 1e-3.into());
    let before = weights(&trainer);
    trainer.accumulate(&sample(0.1), &2, 1.0).unwrap();
    let report = trainer.step();
    assert!(report.grad_norm > 0.1 && report.applied);
    assert!((distance(&weights(&trainer), &before) / (0.1 * 1e-3) - 1.0).abs() < 1e-2);
}

/// 2, 3: dropout and drop path went on in validation and test, and drop path was scaled there.
#[test]
fn evaluation_knows_neither_dropout_nor_drop_path() {
    let mut random = trainer::<Sgd>(SgdConfig::default(), |config| {
        config.dropout = Dropout { p: 0.5 };
        config.stochastic_depth = StochasticDepth { p: 0.5 };
    });
    let mut plain = trainer::<Sgd>(SgdConfig::default(), |_| ());
    for phase in [0.1, 0.2, 0.3] {
        let output = random.predict(&sample(phase));
        assert_eq!(output, plain.predict(&sample(phase)));
        assert_eq!(output, random.evaluate(&sample(phase), &0).unwrap().output);
        let mut trained = [0.0; 3];
        let mut arena = [0.0; Mixer::ACTIVATIONS];
        plain.weights.forward(&sample(phase), &mut trained, &mut arena, &pass(0.0, 0.0, 2, 0));
        assert_eq!(output, trained, "without anything random both passes are the same function");
    }
}

/// 4: one draw of drop path served a whole batch.
#[test]
fn drop_path_is_drawn_for_each_sample() {
    let model = parameters::<Mixer>(0.5);
    let mut outputs: Vec<[u32; 3]> = Vec::new();
    for number in 0..32 {
        let (mut output, mut arena) = ([0.0; 3], [0.0; Mixer::ACTIVATIONS]);
        model.forward(&sample(0.1), &mut output, &mut arena, &pass(0.0, 0.5, 2, number));
        outputs.push(output.map(f32::to_bits));
    }
    outputs.sort_unstable();
    outputs.dedup();
    assert_eq!(outputs.len(), 4, "two branches of the second block, each there or not");
}

/// 5: layer norms before a branch were collected twice and updated twice per step.
#[test]
fn every_leaf_is_visited_and_updated_once() {
    let mut trainer = trainer::<Adam<F32>>(AdamConfig::adam(), |_| ());
    let before = flat(&trainer.weights);
    for phase in [0.1, 0.5] {
        trainer.accumulate(&sample(phase), &1, 0.5).unwrap();
    }
    trainer.step();
    let mut names: Vec<_> = Vec::new();
    trainer.weights.read(&mut |leaf, _| names.push(leaf.path.to_string()));
    let leaves = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), leaves);
    for ((name, before), (_, after)) in before.iter().zip(flat(&trainer.weights)) {
        assert!((before - after).abs() <= 0.1 * 1.001, "{name}: the first step of Adam is the learning rate at most");
    }
}

/// 6: the default was not the one stated, and ε was added before the bias correction.
#[test]
fn defaults_of_adam_are_pytorchs() {
    let AdamConfig { betas, eps, .. } = AdamConfig::adam();
    assert_eq!((betas, eps), ([0.9, 0.999], 1e-8));
}

/// 7: the warm-up began anywhere, met its peak twice and did not reach the optimiser before a restart.
#[test]
fn a_warm_up_reaches_the_optimiser_and_its_peak_once() {
    let restarts = LrShape::Restarts { first: 10, multiply: 2, min: 0.0 };
    let schedule = Schedule { lr: 0.1, warmup: 4, shape: restarts };
    let mut trainer = trainer::<Sgd>(SgdConfig::default(), |config| config.schedule = schedule);
    let mut rates = Vec::new();
    for _ in 0..10 {
        let before = weights(&trainer);
        trainer.accumulate(&sample(0.1), &0, 1.0).unwrap();
        let report = trainer.step();
        let moved = distance(&weights(&trainer), &before);
        assert!((moved - report.lr * report.grad_norm).abs() < 1e-2 * moved);
        rates.push(report.lr);
    }
    assert_eq!(rates[..4], [0.025, 0.05, 0.075, 0.1]);
    assert_eq!(rates.iter().filter(|&&rate| rate == 0.1).count(), 1);
}

/// 8: a logarithm in floating point put restarts a step late.
#[test]
fn restarts_come_at_their_exact_steps() {
    for (multiply, cycles) in [(3u32, 8u32), (10, 6)] {
        let schedule = Schedule { lr: 1.0, warmup: 0, shape: LrShape::Restarts { first: 4, multiply, min: 0.0 } };
        let mut edge = 0;
        for cycle in 0..cycles {
            assert_eq!(schedule.lr(edge), 1.0, "cycle {cycle} of factor {multiply}");
            edge += 4 * multiply.pow(cycle);
            assert!(schedule.lr(edge - 1) < 0.15);
        }
    }
}

/// 9: cosine annealing differs from PyTorch's beyond its end. Here it is stated: the rate stays at its minimum.
#[test]
fn a_cosine_stays_down() {
    let schedule = Schedule { lr: 1.0, warmup: 0, shape: LrShape::Cosine { min: 0.25, steps: 10 } };
    assert!((10..40).all(|step| schedule.lr(step) == 0.25));
}

/// 10: a dropout mask lived on until somebody cleared it, so evaluation changed training.
#[test]
fn evaluation_between_steps_changes_nothing_in_training() {
    let run = |evaluate: bool| {
        let mut trainer = trainer::<Sgd>(SgdConfig::default(), |config| config.dropout = Dropout { p: 0.3 });
        for phase in [0.1, 0.2, 0.3] {
            trainer.accumulate(&sample(phase), &1, 1.0).unwrap();
            if evaluate {
                trainer.evaluate(&sample(0.9), &1).unwrap();
            }
            trainer.step();
        }
        weights(&trainer)
    };
    assert_eq!(run(true), run(false));
}

/// 11: the names of the two expansion factors were crossed. Here hidden widths are stated as such.
#[test]
fn hidden_widths_are_the_stated_ones() {
    let model = parameters::<Mixer>(1.0);
    let mut shapes = Vec::new();
    model.read(&mut |leaf, _| shapes.push((leaf.path.to_string(), leaf.shape.to_vec())));
    for (name, shape) in [("blocks.0.token_mixing.0.weight", [5, 4]), ("blocks.0.channel_mixing.0.weight", [3, 6])] {
        assert!(shapes.contains(&(name.into(), shape.to_vec())), "{name} {shape:?}");
    }
}

/// 12: one scale for the whole table made two thirds of the columns constant, and each split had its own.
#[test]
fn every_feature_has_its_own_scale_and_the_test_set_that_of_training() {
    let mut fit = ScalerFit::<3>::ZERO;
    for i in 0..1000 {
        let i = i as f32;
        fit.push(&[5e9 * i, 1e-9 * i, i % 2.0]);
    }
    let scaler: Scaler<3> = fit.finish();
    let mut row = [5e9 * 999.0, 1e-9 * 999.0, 1.0];
    scaler.apply(&mut row);
    assert!((row[0] - row[1]).abs() < 1e-4 && (row[2] - 1.0).abs() < 1e-4, "{row:?}");
    let mut beyond = [5e9 * 1998.0, 0.0, 0.0];
    scaler.apply(&mut beyond);
    assert!(beyond[0] > 1.9 * row[0], "a larger value in the test set stays larger");
}

/// 13: a checkpoint's keys held addresses.
#[test]
fn names_of_leaves_are_the_same_in_every_process() {
    let names: Vec<_> = flat(&*parameters::<Mixer>(1.0)).into_iter().map(|(name, _)| name).collect();
    let mut distinct = names.clone();
    distinct.dedup();
    let block =
        ["token_norm", "token_mixing.0", "token_mixing.1", "channel_norm", "channel_mixing.0", "channel_mixing.1"];
    let layers = [0, 1].iter().flat_map(|i| block.map(|layer| format!("blocks.{i}.{layer}")));
    let layers = ["embed".to_string()].into_iter().chain(layers).chain(["norm".to_string(), "head".to_string()]);
    let expected: Vec<_> = layers.flat_map(|layer| [format!("{layer}.weight"), format!("{layer}.bias")]).collect();
    assert_eq!(distinct, expected);
}

/// 14: a backward pass overwrote the gradient of the one before.
#[test]
fn gradients_of_a_batch_add_up() {
    let batch = 4096;
    let mut trainer = trainer::<Sgd>(SgdConfig::default(), |_| ());
    let mut sum = vec![0.0; Mixer::COUNT];
    let probe = pass(0.0, 0.0, 2, 0);
    for i in 0..batch {
        let sample = sample(f64::from(i));
        trainer.accumulate(&sample, &((i % 3) as usize), 1.0 / batch as f32).unwrap();
        let mut slope = [0.0; 3];
        let output = trainer.predict(&sample);
        trainlet::nn::loss::Loss::evaluate(&CrossEntropy::new(), &output, &((i % 3) as usize), &mut slope).unwrap();
        let one = analytic(&trainer.weights, &sample, &slope, &probe);
        sum.iter_mut().zip(one).for_each(|(sum, g)| *sum += f64::from(g) / f64::from(batch));
    }
    for ((name, mean), expected) in named(&trainer.weights, trainer.gradient()).into_iter().zip(sum) {
        assert!((f64::from(mean) - expected).abs() < 1e-6, "{name}: {mean} {expected}");
    }
    trainer.zero_grad();
    assert_eq!(grad_norm(trainer.gradient()), 0.0);
}

/// 15: half of its activations were silently of 64 bits.
#[test]
fn everything_is_of_32_bits() {
    assert_eq!(size_of::<Mixer>(), 4 * Mixer::COUNT);
    assert_eq!(size_of::<Sample>(), 4 * Sample::LEN);
}

/// 16: the mean of the batches' means gave a short last batch too much weight.
#[test]
fn the_loss_of_an_epoch_is_the_mean_over_its_samples() {
    let mut metrics = Metrics::<2>::ZERO;
    [1.0, 1.0, 1.0, 5.0].iter().for_each(|&loss| metrics.push(loss, 0, 0));
    assert_eq!(metrics.loss(), 2.0);
}

/// 17: it looked for vanishing gradients in updates that the schedule had scaled.
#[test]
fn the_reported_gradient_does_not_depend_on_the_rate() {
    let report = |lr: f32| {
        let mut trainer = trainer::<Adam<F32>>(AdamConfig::adam(), |config| config.schedule = Schedule::constant(lr));
        trainer.accumulate(&sample(0.1), &0, 1.0).unwrap();
        trainer.step().grad_norm
    };
    assert_eq!(report(0.1), report(1e-9));
}
