//! Eigenvalues of a probe against those of the whole Hessian.

use nalgebra::{DMatrix, SymmetricEigen};
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor as _;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

type Mixer = Net<4, 4, PatchEmbedding<4, 2, 1, 4>, [MixerBlock<4, 4, 3, 5>; 1], MeanHead<4, 3>>;
const P: usize = Mixer::TRAINABLE;
type MixerTrainer = Trainer<Mixer, CrossEntropy, Adam<[f32; P]>, [f32; Mixer::ARENA]>;
type Sample = ([[f32; 2]; 4], usize);

fn samples() -> Vec<Sample> {
    let sample = |index| {
        let mut random = Key::new(2, Purpose::Order).child(index).stream();
        let mut input = [[0.0; 2]; 4];
        input.flat_mut().iter_mut().for_each(|x| *x = 2.0 * random.uniform() - 1.0);
        (input, random.bits() as usize % 3)
    };
    (0..12).map(sample).collect()
}

fn accumulate(trainer: &mut MixerTrainer, samples: &[Sample]) {
    for (input, class) in samples {
        trainer.accumulate(input, class, 1.0 / samples.len() as f32).unwrap();
    }
}

/// Column by column, by a difference of gradients with a step of each weight's own.
fn dense(trainer: &mut MixerTrainer, samples: &[Sample], width: f32) -> Vec<f64> {
    let mut hessian = DMatrix::<f64>::zeros(P, P);
    for column in 0..P {
        let mut sides = Vec::new();
        for distance in [width, -width] {
            let mut moved = 0.0;
            let mut home = 0.0;
            at(trainer, column, |weight| {
                home = *weight;
                *weight += distance;
                moved = f64::from(*weight) - f64::from(home);
            });
            accumulate(trainer, samples);
            sides.push((moved, trainer.gradient().to_vec()));
            trainer.zero_grad();
            at(trainer, column, |weight| *weight = home);
        }
        let width = sides[0].0 - sides[1].0;
        for row in 0..P {
            hessian[(row, column)] = (f64::from(sides[0].1[row]) - f64::from(sides[1].1[row])) / width;
        }
    }
    let symmetric = (&hessian + hessian.transpose()) * 0.5;
    let mut values: Vec<f64> = SymmetricEigen::new(symmetric).eigenvalues.iter().copied().collect();
    values.sort_by(f64::total_cmp);
    values
}

fn at(trainer: &mut MixerTrainer, place: usize, mut change: impl FnMut(&mut f32)) {
    trainer.weights.walk_trained(&mut |_, weights, first| {
        if let Some(weight) = place.checked_sub(first).and_then(|index| weights.get_mut(index)) {
            change(weight);
        }
    });
}

/// At the start, on the way, and where the samples are overfitted and the loss is sharp; everywhere the Hessian has both signs.
#[test]
fn extremes_are_those_of_the_dense_hessian() {
    let samples = samples();
    let mut trainer = Box::new(MixerTrainer::ZERO);
    trainer.init(Config::new(4, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-2))).unwrap();
    for (steps, reach) in [(0, 1.0), (10, 1.0), (20, 1.0), (30, 0.05)] {
        for _ in 0..steps {
            accumulate(&mut trainer, &samples);
            trainer.step();
        }
        let exact = dense(&mut trainer, &samples, 1e-3);
        let mut lanczos = Lanczos::<[f32; P]>::ZERO;
        let mut probe =
            Probe::new(&mut trainer, &mut lanczos, LanczosConfig { reach, ..LanczosConfig::default() }).unwrap();
        while probe.needs_product() {
            for (input, class) in &samples {
                probe.add(input, class, 1.0 / samples.len() as f32).unwrap();
            }
            probe.finish_product();
        }
        let spectrum = probe.spectrum();
        let (largest, smallest) = (spectrum.largest().unwrap(), spectrum.smallest().unwrap());
        println!("after {steps} steps of {P} weights: {smallest} .. {largest}, dense {} .. {}", exact[0], exact[P - 1]);
        assert!((f64::from(largest) / exact[P - 1] - 1.0).abs() < 0.01);
        assert!(exact[0] < 0.0 && (f64::from(smallest) / exact[0] - 1.0).abs() < 0.01);
    }
}
