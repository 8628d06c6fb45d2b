//! What a trainer does with what goes wrong, and that a run is its configuration and nothing else.

mod common;

use common::{flat, tensor};
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1;
use trainlet::nn::layer::Dropout;
use trainlet::nn::loss::{CrossEntropy, InvalidTarget};
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Predictor, Trainer};

type WatchTrainer = Trainer<Watch12x1, CrossEntropy, Adam<[f32; Watch12x1::TRAINABLE]>, [f32; Watch12x1::ARENA]>;
type Window = <Watch12x1 as Model>::Input;

fn config() -> Config<CrossEntropy, AdamConfig> {
    let mut config = Config::new(5, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-2));
    config.dropout = Dropout { p: 0.1 };
    config
}

fn trained(steps: usize) -> WatchTrainer {
    let mut trainer = WatchTrainer::ZERO;
    trainer.init(config()).unwrap();
    for step in 0..steps {
        trainer.accumulate(&tensor(step as f64, 1.0), &(step % 7), 1.0).unwrap();
        assert!(trainer.step().applied);
    }
    trainer
}

fn bits(trainer: &WatchTrainer) -> Vec<u32> {
    flat(&trainer.weights).into_iter().map(|(_, weight)| weight.to_bits()).collect()
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing_and_is_counted() {
    let mut trainer = trained(3);
    let before = bits(&trainer);
    for poison in [f32::NAN, f32::INFINITY] {
        trainer.accumulate(&tensor(0.2, 1.0), &1, 0.5).unwrap();
        trainer.accumulate(&tensor(0.3, 1.0), &1, poison).unwrap();
        let report = trainer.step();
        assert!(!report.applied && !report.grad_norm.is_finite());
    }
    assert_eq!((bits(&trainer), trainer.steps(), trainer.skipped()), (before, 5, 2));
    trainer.accumulate(&tensor(0.2, 1.0), &1, 1.0).unwrap();
    assert!(trainer.step().applied, "the next step is a normal one");
}

#[test]
fn a_sample_whose_loss_is_not_finite_has_no_part_in_the_step_and_is_counted() {
    let [mut trainer, mut clean] = [trained(3), trained(3)];
    for poison in [f32::NAN, f32::INFINITY] {
        let mut window: Window = tensor(0.1, 1.0);
        window[3][2] = poison;
        for trainer in [&mut trainer, &mut clean] {
            trainer.accumulate(&tensor(0.2, 1.0), &1, 0.5).unwrap();
        }
        assert!(!trainer.accumulate(&window, &1, 0.5).unwrap().is_finite());
        assert_eq!(trainer.step(), clean.step());
    }
    assert_eq!((bits(&trainer), trainer.refused(), trainer.skipped()), (bits(&clean), 2, 0));

    let mut window: Window = tensor(0.1, 1.0);
    window[0][0] = f32::NAN;
    trainer.accumulate(&window, &1, 1.0).unwrap();
    assert!(!trainer.step().applied, "there is nothing to follow");
    assert_eq!((bits(&trainer), trainer.refused(), trainer.skipped(), trainer.steps()), (bits(&clean), 3, 1, 6));
}

#[test]
fn an_invalid_target_has_no_part_in_the_step() {
    let (mut disturbed, mut plain) = (trained(2), trained(2));
    disturbed.accumulate(&tensor(0.1, 1.0), &3, 1.0).unwrap();
    assert_eq!(disturbed.accumulate(&tensor(0.2, 1.0), &7, 1.0), Err(InvalidTarget));
    assert_eq!(disturbed.evaluate(&tensor(0.2, 1.0), &7).map(|_| ()), Err(InvalidTarget));
    plain.accumulate(&tensor(0.1, 1.0), &3, 1.0).unwrap();
    assert_eq!(disturbed.step(), plain.step());
    assert_eq!(bits(&disturbed), bits(&plain));
}

#[test]
fn a_step_without_samples_is_none() {
    let mut trainer = trained(2);
    let before = bits(&trainer);
    assert!(!trainer.step().applied);
    assert_eq!((bits(&trainer), trainer.steps(), trainer.skipped()), (before, 2, 0));
}

#[test]
fn init_forgets_the_run_before() {
    let mut again = trained(5);
    again.accumulate(&tensor(9.0, 1.0), &0, 1.0).unwrap();
    again.init(config()).unwrap();
    for step in 0..3 {
        again.accumulate(&tensor(f64::from(step), 1.0), &(step as usize), 1.0).unwrap();
        again.step();
    }
    assert_eq!(bits(&again), bits(&trained(3)));
}

#[test]
fn another_seed_is_another_run() {
    let mut other = WatchTrainer::ZERO;
    other.init(Config { seed: 6, ..config() }).unwrap();
    assert_ne!(bits(&other), bits(&trained(0)));
}

#[test]
fn predicting_with_borrowed_weights_gives_the_same_outputs() {
    let mut trainer = trained(3);
    let window = tensor(0.7, 1.0);
    let expected = trainer.predict(&window);
    let mut predictor = Predictor::<Watch12x1, [f32; Watch12x1::INFER_ARENA]>::new(&trainer.weights);
    assert_eq!(predictor.predict(&window), expected);
}
