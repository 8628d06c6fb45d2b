//! Every setting is looked at when a run starts: what is out of its range is named, and nothing changes.

use trainlet::core::params::Params;
use trainlet::core::setting::{OutOfRange, Setting, Settings};
use trainlet::data::Scaler;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};
use trainlet::extra::monitor::{Monitored, MonitoredConfig, Thresholds};
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{BceWithLogits, CrossEntropy, Loss};
use trainlet::nn::net::Model;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Gate, LrShape, Momentum, MomentumConfig, NoiseConfig, Noisy, Optimizer,
    Schedule, Sgd, SgdConfig, WeightDecay,
};
use trainlet::train::{Ascent, Config, Dynamic, DynamicConfig, Online, Sam, SingleStep, Sparsity, TopK, Trainer};

type Weights = [f32; Net::TRAINABLE];
type Arena = [f32; Net::ARENA];
type Bits = [u32; Net::TRAINABLE.div_ceil(32)];
type Plain<O> = Trainer<Net, CrossEntropy, O, Arena>;
type TwoPasses<S> = Sam<Net, CrossEntropy, Sgd, Arena, Weights, S>;

const BAD: [f32; 4] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0];

fn config<C>(optimizer: C) -> Config<CrossEntropy, C> {
    Config::new(1, CrossEntropy::new(), optimizer, Schedule::constant(1e-3))
}

/// Starts a run with these settings after a good one: the error, and whether the weights are still those of the good one.
fn refused<O: Optimizer>(good: O::Config, bad: Config<CrossEntropy, O::Config, true>) -> OutOfRange {
    let mut trainer = Plain::<O>::ZERO;
    trainer.init(Config { seed: 5, ..config(good) }).unwrap();
    trainer.accumulate(&[[0.1; 6]; 16], &3, 1.0).unwrap();
    let bits = |net: &Net| {
        let mut bits = Vec::new();
        net.read(&mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
        bits
    };
    let before = bits(&trainer.weights);
    let error = trainer.init(bad).unwrap_err();
    assert_eq!((bits(&trainer.weights), trainer.samples()), (before, 1), "{error}");
    error
}

fn assert_named(error: OutOfRange, setting: Setting, value: f32) {
    assert_eq!((error.setting, error.value.to_bits()), (setting, value.to_bits()), "{error}");
}

#[test]
fn what_all_trainers_have() {
    let good = config(SgdConfig::default()).clipped(None);
    let cosine = |min| Schedule { shape: LrShape::Cosine { min, steps: 9 }, ..Schedule::constant(1e-3) };
    for bad in BAD {
        let named = |config, setting| assert_named(refused::<Sgd>(SgdConfig::default(), config), setting, bad);
        named(Config { schedule: Schedule::constant(bad), ..good }, Setting::Rate);
        named(Config { schedule: cosine(bad), ..good }, Setting::LeastRate);
        named(Config { clip: bad.into(), ..good }, Setting::Clip);
        named(Config { dropout: Dropout { p: bad }, ..good }, Setting::Dropout);
        named(Config { stochastic_depth: StochasticDepth { p: bad }, ..good }, Setting::StochasticDepth);
        named(Config { loss: CrossEntropy { label_smoothing: bad }, ..good }, Setting::LabelSmoothing);
        let restarts = LrShape::Restarts { first: 1, multiply: 1, min: bad };
        named(Config { schedule: Schedule { shape: restarts, ..good.schedule }, ..good }, Setting::LeastRate);
    }
    for (config, setting, value) in [
        (Config { schedule: Schedule::constant(0.0), ..good }, Setting::Rate, 0.0),
        (Config { clip: 0.0.into(), ..good }, Setting::Clip, 0.0),
        (Config { dropout: Dropout { p: 1.0 }, ..good }, Setting::Dropout, 1.0),
        (Config { loss: CrossEntropy { label_smoothing: 1.0 }, ..good }, Setting::LabelSmoothing, 1.0),
    ] {
        assert_named(refused::<Sgd>(SgdConfig::default(), config), setting, value);
    }
}

#[test]
fn what_optimisers_have() {
    let (adam, momentum) = (AdamConfig::adam(), MomentumConfig::new(0.9));
    for bad in BAD {
        let of_adam = |config_of, setting| {
            assert_named(refused::<Adam<Weights>>(adam, config(config_of).clipped(None)), setting, bad);
        };
        of_adam(AdamConfig { betas: [bad, 0.9], ..adam }, Setting::Beta);
        of_adam(AdamConfig { betas: [0.9, bad], ..adam }, Setting::Beta);
        of_adam(AdamConfig { eps: bad, ..adam }, Setting::Epsilon);
        of_adam(AdamConfig { weight_decay: WeightDecay::Coupled(bad), ..adam }, Setting::WeightDecay);
        of_adam(AdamConfig::adamw(bad), Setting::WeightDecay);
        let of_momentum = |config_of, setting| {
            assert_named(refused::<Momentum<Weights>>(momentum, config(config_of).clipped(None)), setting, bad);
        };
        of_momentum(MomentumConfig { momentum: bad, ..momentum }, Setting::Momentum);
        of_momentum(MomentumConfig { dampening: bad, ..momentum }, Setting::Dampening);
        of_momentum(MomentumConfig { weight_decay: bad, ..momentum }, Setting::WeightDecay);
        let sgd = SgdConfig { weight_decay: bad };
        assert_named(refused::<Sgd>(SgdConfig::default(), config(sgd).clipped(None)), Setting::WeightDecay, bad);
    }
    let betas = AdamConfig { betas: [0.9, 1.0], ..adam };
    assert_named(refused::<Adam<Weights>>(adam, config(betas).clipped(None)), Setting::Beta, 1.0);
    let rolling = MomentumConfig::new(1.0);
    assert_named(refused::<Momentum<Weights>>(momentum, config(rolling).clipped(None)), Setting::Momentum, 1.0);
}

#[test]
fn what_wraps_an_optimiser() {
    let (sgd, noise, usual) = (SgdConfig::default(), NoiseConfig::new(0.5, 1, 9), Thresholds::sgd());
    for bad in BAD {
        let of_noise = |config_of, setting| {
            assert_named(refused::<Noisy<Sgd>>((sgd, noise), config((sgd, config_of)).clipped(None)), setting, bad);
        };
        of_noise(NoiseConfig { sigma: bad, ..noise }, Setting::Noise);
        of_noise(NoiseConfig { gate: Some(Gate { threshold: bad, patience: 1 }), ..noise }, Setting::NoiseGate);
        let (good, gamma) = (AverageConfig { gamma: 1.0 }, AverageConfig { gamma: bad });
        let average = refused::<Averaged<Sgd, Weights>>((sgd, good), config((sgd, gamma)).clipped(None));
        assert_named(average, Setting::Gamma, bad);
        assert_named(AverageConfig::of_width(bad).unwrap_err(), Setting::AverageWidth, bad);
        // What is within is looked at as well.
        let inner = SgdConfig { weight_decay: bad };
        let wrapped = refused::<Averaged<Sgd, Weights>>((sgd, good), config((inner, good)).clipped(None));
        assert_named(wrapped, Setting::WeightDecay, bad);
        let monitored = MonitoredConfig::new(sgd, Thresholds { ratio: bad, ..usual });
        let watched = refused::<Monitored<Sgd, 20>>(MonitoredConfig::new(sgd, usual), config(monitored).clipped(None));
        assert_named(watched, Setting::Threshold, bad);
    }
    for width in [0.0, 0.26] {
        assert_named(AverageConfig::of_width(width).unwrap_err(), Setting::AverageWidth, width);
    }
}

#[test]
fn what_other_learners_have() {
    let (good, ascent) = (config(SgdConfig::default()), Ascent::sam(0.05));
    for bad in BAD {
        let rate = Config { schedule: Schedule::constant(bad), ..good };
        let mut online = Online::<Net, CrossEntropy, Sgd, [f32; Net::ONLINE_ARENA]>::ZERO;
        assert_named(online.init(rate).unwrap_err(), Setting::Rate, bad);
        let mut single = SingleStep::<Net, CrossEntropy, Sgd, Arena, Weights>::ZERO;
        assert_named(single.init(rate, ascent).unwrap_err(), Setting::Rate, bad);
        assert_named(single.init(good, Ascent::asam(bad)).unwrap_err(), Setting::Rho, bad);
        let mut top = TwoPasses::<TopK<Bits>>::ZERO;
        assert_named(top.init(rate, ascent, Sparsity(0.5)).unwrap_err(), Setting::Rate, bad);
        assert_named(top.init(good, Ascent::sam(bad), Sparsity(0.5)).unwrap_err(), Setting::Rho, bad);
        assert_named(top.init(good, ascent, Sparsity(bad)).unwrap_err(), Setting::Sparsity, bad);
        let exchange = DynamicConfig { sparsity: Sparsity(0.5), every: 1, rate: bad, end: 9 };
        let mut dynamic = TwoPasses::<Dynamic<Bits>>::ZERO;
        assert_named(dynamic.init(good, ascent, exchange).unwrap_err(), Setting::Exchange, bad);
        let mut trainer = Plain::<Sgd>::ZERO;
        let mut lanczos = Lanczos::<Weights>::ZERO;
        let reach = LanczosConfig { reach: bad, ..LanczosConfig::default() };
        assert_named(Probe::new(&mut trainer, &mut lanczos, reach).err().unwrap(), Setting::Reach, bad);
    }
}

#[test]
fn what_losses_and_scalers_have() {
    for bad in BAD {
        let loss = BceWithLogits::<1>::new();
        assert_named(BceWithLogits { pos_weight: [bad], ..loss }.check().unwrap_err(), Setting::PosWeight, bad);
        assert_named(BceWithLogits { weight: [bad], ..loss }.check().unwrap_err(), Setting::OutputWeight, bad);
        let scaler = Scaler { mean: [0.0; 2], std: [1.0, bad] };
        assert_named(scaler.check().unwrap_err(), Setting::Deviation, bad);
    }
    assert_named(<BceWithLogits<1> as Loss<[f32; 1]>>::ZERO.check().unwrap_err(), Setting::PosWeight, 0.0);
    assert_eq!(config(SgdConfig::default()).unclipped().check(), Ok(()));
}
