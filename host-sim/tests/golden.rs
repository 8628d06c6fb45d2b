//! The start of a run against an independent implementation in single precision: same weights, same order of the
//! samples.

use std::collections::BTreeMap;

use host_sim::data::sampler::{Length, Order, Plan};
use host_sim::data::watch;
use host_sim::networks::tree::{Weights, leaves, write};
use host_sim::networks::weights::File;
use host_sim::run;
use host_sim::run::options::{DataOptions, Options, RateOptions, ScheduleName};
use serde::Deserialize;
use trainlet::core::params::Params;
use trainlet::networks::{Network, Watch12x1 as Net};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, Schedule, grad_norm};
use trainlet::train::{Config, Trainer};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/watch_12x1/");
const BATCH: u32 = 32;
const STEPS: u32 = 90;

#[derive(Deserialize)]
struct Golden {
    first_batch_loss: f64,
    first_batch_grad_norm: f64,
    first_logits: [[f64; 7]; 4],
    loss_at_step: BTreeMap<u32, f64>,
    test_windows: u32,
    test_accuracy_after_run: f64,
}

fn golden() -> Golden {
    serde_json::from_slice(&std::fs::read(format!("{FOLDER}golden.json")).unwrap()).unwrap()
}

fn load(name: &str) -> Net {
    let mut weights = Weights::zero(leaves::<Net>());
    File::read(&format!("{FOLDER}{name}.safetensors")).unwrap().load(Net::NAME, &mut weights).unwrap();
    let mut tree = Net::ZERO;
    write(&mut tree, &weights.values);
    tree
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|x| x * x).sum::<f64>().sqrt()
}

#[test]
fn the_first_batch_has_the_same_loss_logits_and_gradients() {
    let golden = golden();
    let train = watch::split(&[1, 2], &[]).unwrap().train;
    let mut trainer = Trainer::<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>::ZERO;
    trainer.init(Config::new(0, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(5e-3))).unwrap();
    trainer.weights = load("init");

    let plan = Plan::new(Order::Stride(977), train.len() as u32, BATCH, Length::Steps(1), 0).unwrap();
    let mut loss = 0.0;
    for (place, sample) in plan.samples(&plan.batch(0)).enumerate() {
        let mut input = [[0.0; 6]; 16];
        input.as_flattened_mut().copy_from_slice(train.row(sample));
        if let Some(expected) = golden.first_logits.get(place) {
            for (z, expected) in trainer.predict(&input).into_iter().zip(expected) {
                assert!((f64::from(z) - expected).abs() < 1e-5, "logit {z} instead of {expected}");
            }
        }
        loss += f64::from(trainer.accumulate(&input, &(train.labels[sample] as usize), 1.0 / BATCH as f32).unwrap());
    }
    let loss = loss / f64::from(BATCH);
    assert!((loss - golden.first_batch_loss).abs() < 1e-6, "{loss} instead of {}", golden.first_batch_loss);

    let mut expected = Vec::new();
    load("grad_first_batch").read(&mut |leaf, values| expected.push((leaf.path.to_string(), values.to_vec())));
    let mut gradient = trainer.gradient();
    for (name, expected) in &expected {
        let values;
        (values, gradient) = gradient.split_at(expected.len());
        let error = norm(values.iter().zip(expected).map(|(a, b)| f64::from(*a) - f64::from(*b)));
        let length = norm(expected.iter().map(|x| f64::from(*x)));
        // A bias that shifts all channels of a token alike changes nothing after a layer normalisation: its gradient
        // is 0, and both programs have only rounding errors there.
        let allowed = if name == "blocks.0.token_mixing.1.bias" {
            assert!(length < 1e-8);
            1e-8
        } else {
            1e-5 * length
        };
        println!("{name}: off by {error:.1e} of {length:.1e}");
        assert!(error < allowed, "{name}: {error:e} of {length:e}");
    }
    let whole = f64::from(grad_norm(trainer.gradient()));
    assert!((whole / golden.first_batch_grad_norm - 1.0).abs() < 1e-6, "{whole}");
}

#[test]
fn ninety_steps_follow_the_same_path() {
    let golden = golden();
    let defaults = Options::default();
    let record = run::train(&Options {
        data: DataOptions { test_subjects: vec![1, 2], ..defaults.data.clone() },
        rate: RateOptions { schedule: ScheduleName::Constant, warmup: 0.0, ..defaults.rate.clone() },
        init: Some(format!("{FOLDER}init.safetensors")),
        order: Order::Stride(977),
        steps: Some(STEPS),
        ..defaults
    })
    .unwrap();
    assert_eq!(record.steps.len(), STEPS as usize);
    for (&step, &expected) in &golden.loss_at_step {
        let loss = f64::from(record.steps[step as usize].loss);
        println!("step {step}: {loss:.7}, expected {expected:.7}, off by {:.1e}", (loss - expected).abs());
        match step {
            0..=10 => assert!((loss - expected).abs() < 1e-4, "step {step}"),
            _ => assert!((loss - expected).abs() < 1e-3, "step {step}"),
        }
    }
    let test = record.test.unwrap();
    assert_eq!(test.samples, golden.test_windows);
    println!("accuracy {}, expected {}", test.score(), golden.test_accuracy_after_run);
    assert!((f64::from(test.score()) - golden.test_accuracy_after_run).abs() < 0.02);
}
