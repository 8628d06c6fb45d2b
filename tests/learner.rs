//! Every trainer is a `Learner`: the one loop makes the steps that its own methods make.

mod common;

use common::{flat, tensor};
use trainlet::core::params::{Leaf, Params};
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, InvalidTarget};
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, AverageConfig, Averaged, Schedule};
use trainlet::train::{
    Ascent, Config, Fisher, Learner, NoMask, Online, Progress, Sam, SamError, SingleStep, Sparsity, Trainer,
    observe_samples, train_step,
};

type Input = <Net as Model>::Input;
type Weights = [f32; Net::TRAINABLE];
type Arena = [f32; Net::ARENA];
type Plain<O = Adam<Weights>> = Trainer<Net, CrossEntropy, O, Arena>;
type Online1 = Online<Net, CrossEntropy, Adam<Weights>, [f32; Net::ONLINE_ARENA]>;
type Single = SingleStep<Net, CrossEntropy, Adam<Weights>, Arena, Weights>;
type TwoPasses<S> = Sam<Net, CrossEntropy, Adam<Weights>, Arena, Weights, S>;
type Bits = [u32; Net::TRAINABLE.div_ceil(32)];

const STEPS: usize = 3;

/// With dropout and stochastic depth.
fn config<O>(optimizer: O) -> Config<CrossEntropy, O> {
    let config = Config::new(5, CrossEntropy::new(), optimizer, Schedule::constant(1e-2));
    Config { dropout: Dropout { p: 0.1 }, stochastic_depth: StochasticDepth { p: 0.2 }, ..config }
}

fn batch(step: usize) -> [(Input, usize); 3] {
    core::array::from_fn(|sample| (tensor((10 * step + sample) as f64, 0.3), (step + sample) % 7))
}

/// The learner's weights after some steps of the loop, with what it observes in between.
fn looped<L: Learner<Input = Input, Target = usize, Error: core::fmt::Debug> + ?Sized>(
    learner: &mut L,
) -> Vec<(String, f32)> {
    for step in 0..STEPS {
        let batch = batch(step);
        let samples = batch.iter().map(|(input, class)| (input, class));
        let (loss, report) = train_step(learner, samples.clone()).unwrap();
        assert!(loss > 0.0 && report.applied && report.lr == 1e-2);
        observe_samples(learner, samples).unwrap();
    }
    let steps = STEPS as u32;
    assert_eq!(learner.progress().unwrap(), Progress { steps, samples: 0, skipped: 0 });
    let mut weights = Vec::new();
    let mut visit = |leaf: &Leaf, values: &[f32]| weights.extend(values.iter().map(|w| (leaf.path.to_string(), *w)));
    learner.weights(&mut visit).unwrap();
    weights
}

#[test]
fn a_trainer_makes_its_own_steps() {
    let [mut by_hand, mut by_loop] = [(); 2].map(|()| Box::new(Plain::<Adam<Weights>>::ZERO));
    by_hand.init(config(AdamConfig::adam())).unwrap();
    by_loop.init(config(AdamConfig::adam())).unwrap();
    for step in 0..STEPS {
        for (input, class) in batch(step) {
            by_hand.accumulate(&input, &class, 1.0 / 3.0).unwrap();
        }
        by_hand.step();
    }
    assert_eq!(looped(&mut *by_loop), flat(&by_hand.weights));
}

#[test]
fn sam_makes_both_passes_and_fisher_chooses_in_between() {
    let mut by_hand = Box::new(TwoPasses::<Fisher<Bits>>::ZERO);
    let mut by_loop = Box::new(TwoPasses::<Fisher<Bits>>::ZERO);
    by_hand.init(config(AdamConfig::adam()), Ascent::sam(0.05), Sparsity(0.5)).unwrap();
    by_loop.init(config(AdamConfig::adam()), Ascent::sam(0.05), Sparsity(0.5)).unwrap();
    for step in 0..STEPS {
        let batch = batch(step);
        let pass = |trainer: &mut TwoPasses<Fisher<Bits>>| {
            for (input, class) in &batch {
                trainer.accumulate(input, class, 1.0 / 3.0).unwrap();
            }
        };
        pass(&mut by_hand);
        by_hand.perturb().unwrap();
        pass(&mut by_hand);
        by_hand.step().unwrap();
        for (input, class) in &batch {
            by_hand.observe(input, class).unwrap();
        }
        by_hand.select();
    }
    assert_eq!(looped(&mut *by_loop), flat(by_hand.weights()));
}

/// With other masks there is nothing to observe, and no gradient is lost.
#[test]
fn without_fisher_an_observation_does_nothing() {
    let mut trainer = Box::new(TwoPasses::<NoMask>::ZERO);
    trainer.init(config(AdamConfig::adam()), Ascent::sam(0.05), ()).unwrap();
    let (input, class) = batch(0)[0];
    trainer.accumulate(&input, &class, 1.0).unwrap();
    Learner::observe(&mut *trainer, &input, &class).unwrap();
    assert_eq!(trainer.samples(), 1);
}

#[test]
fn a_single_pass_keeps_the_gradient_of_the_last_step() {
    let [mut by_hand, mut by_loop] = [(); 2].map(|()| Box::new(Single::ZERO));
    by_hand.init(config(AdamConfig::adam()), Ascent::sam(0.05)).unwrap();
    by_loop.init(config(AdamConfig::adam()), Ascent::sam(0.05)).unwrap();
    for step in 0..STEPS {
        for (input, class) in batch(step) {
            by_hand.accumulate(&input, &class, 1.0 / 3.0).unwrap();
        }
        by_hand.step();
    }
    assert_eq!(looped(&mut *by_loop), flat(by_hand.weights()));
}

#[test]
fn online_every_sample_is_a_step_and_the_last_one_is_reported() {
    let [mut by_hand, mut by_loop] = [(); 2].map(|()| Box::new(Online1::ZERO));
    by_hand.init(config(AdamConfig::adam())).unwrap();
    by_loop.init(config(AdamConfig::adam())).unwrap();
    for (input, class) in batch(0) {
        by_hand.learn(&input, &class).unwrap();
    }
    let batch = batch(0);
    let (_, report) = train_step(&mut *by_loop, batch.iter().map(|(input, class)| (input, class))).unwrap();
    assert!(report.applied && report.lr == 1e-2 && report.grad_norm.is_nan());
    assert_eq!(flat(&by_loop.weights), flat(&by_hand.weights));
    let reported = Learner::step(&mut *by_loop).unwrap();
    assert!(!reported.applied, "there has been no sample since");
}

#[test]
fn the_weights_are_those_that_predict() {
    let mut trainer = Box::new(Plain::<Averaged<Adam<Weights>, Weights>>::ZERO);
    trainer.init(config((AdamConfig::adam(), AverageConfig::of_width(0.1).unwrap()))).unwrap();
    let average = looped(&mut *trainer);
    let last = flat(&trainer.weights);
    assert_ne!(average, last);
    trainer.swap_average();
    assert_eq!(average, flat(&trainer.weights));
}

#[test]
fn errors_are_the_learners_own() {
    let mut plain = Box::new(Plain::<Adam<Weights>>::ZERO);
    plain.init(config(AdamConfig::adam())).unwrap();
    let input: Input = tensor(1.0, 0.3);
    assert_eq!(train_step(&mut *plain, [(&input, 7)].into_iter()), Err(InvalidTarget));
    let mut sam = Box::new(TwoPasses::<NoMask>::ZERO);
    sam.init(config(AdamConfig::adam()), Ascent::sam(0.05), ()).unwrap();
    assert_eq!(train_step(&mut *sam, [(&input, 7)].into_iter()), Err(SamError::Target(InvalidTarget)));
    assert_eq!(train_step(&mut *sam, [(&input, 7); 0].into_iter()), Err(SamError::NoSamples));
}
