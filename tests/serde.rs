//! Transforms of data and settings are written and read, by postcard without an allocator.
#![cfg(feature = "link")]

use core::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use trainlet::core::setting::{Setting, Settings};
use trainlet::data::{Categories, Edges, Quantiles, Scaler, Transform, TransformFit};
use trainlet::extra::curvature::LanczosConfig;
use trainlet::extra::monitor::{MonitoredConfig, Thresholds};
use trainlet::nn::loss::{BceWithLogits, CrossEntropy, Mse};
use trainlet::optim::{
    AdamConfig, AverageConfig, Distribution, DogConfig, Gate, LionConfig, MomentumConfig, NoiseConfig, ProximalConfig,
    Schedule, ScheduleFreeConfig, Seed, SgdConfig, Unit,
};
use trainlet::train::{Ascent, Clip, Config, DynamicConfig, OnlineReport, Progress, Sparsity};

/// Writes to a buffer of `BYTES` and reads it back; how many bytes that took.
fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug, const BYTES: usize>(value: &T) -> usize {
    let mut buffer = [0; BYTES];
    let written = postcard::to_slice(value, &mut buffer).unwrap();
    let (back, rest) = postcard::take_from_bytes::<T>(written).unwrap();
    assert_eq!((&back, rest.len()), (value, 0));
    written.len()
}

/// More features than serde's own arrays have.
#[test]
fn a_transform_takes_9_bytes_per_feature_whatever_its_values_are() {
    let mut fit = TransformFit::<42>::new(std::array::from_fn(|feature| feature % 3 == 0));
    for row in 0..20 {
        fit.push(&std::array::from_fn(|feature| (row * (feature + 1)) as f32 - 7.5));
    }
    assert_eq!(there_and_back::<_, { 9 * 42 }>(&fit.finish()), 9 * 42);
    let empty = Transform { log: [false; 42], scaler: Scaler::ZERO };
    assert_eq!(there_and_back::<_, { 9 * 42 }>(&empty), 9 * 42);
    assert_eq!(there_and_back::<_, { 8 * 42 }>(&fit.finish().scaler), 8 * 42);
}

#[test]
fn quantiles_take_4_bytes_each() {
    let mut quantiles = Quantiles { features: [Edges::<9>::of_sorted(&[-1.0, 0.5, 8.0]); 40] };
    assert_eq!(there_and_back::<_, { 4 * 9 * 40 }>(&quantiles), 4 * 9 * 40);
    quantiles.check().unwrap();
    quantiles.features[7].0[3] = f32::INFINITY;
    assert_eq!(quantiles.check().unwrap_err().setting, Setting::Edge);
}

#[test]
fn what_is_too_short_is_refused_and_what_was_read_can_be_checked() {
    let mut transform = Transform { log: [true; 3], scaler: Scaler { mean: [1.0; 3], std: [2.0; 3] } };
    let mut buffer = [0; 27];
    assert!(postcard::to_slice(&transform, &mut buffer[..26]).is_err());
    postcard::to_slice(&transform, &mut buffer).unwrap();
    assert!(postcard::from_bytes::<Transform<3>>(&buffer[..26]).is_err());
    transform.check().unwrap();
    transform.scaler.std[1] = f32::NAN;
    assert_eq!(transform.check().unwrap_err().setting, Setting::Deviation);
}

#[test]
fn categories_encode_as_before() {
    let mut categories = Categories::<3>::new();
    for value in ["tcp", "udp", "tcp"] {
        categories.push(value.as_bytes()).unwrap();
    }
    let mut buffer = [0; 48];
    let written = postcard::to_slice(&categories, &mut buffer).unwrap();
    let back: Categories<3> = postcard::from_bytes(written).unwrap();
    for value in ["tcp", "udp", "icmp"] {
        let [before, after] = [&categories, &back].map(|c| (c.encode(value.as_bytes()), c.code(value.as_bytes())));
        assert_eq!(before, after, "{value}");
    }
    assert!(postcard::from_bytes::<Categories<1>>(written).is_err(), "no room for two");
}

#[test]
fn settings_and_reports_come_back() {
    there_and_back::<_, 64>(&SgdConfig { weight_decay: 0.1 });
    there_and_back::<_, 64>(&(AdamConfig::adamw(0.05), ScheduleFreeConfig { beta: 0.98 }));
    there_and_back::<_, 64>(&DogConfig { start: 1e-4, ..DogConfig::new() });
    there_and_back::<_, 64>(&ProximalConfig { pull: 0.25, anchor: Seed(1 << 40) });
    there_and_back::<_, 64>(&LionConfig { weight_decay: 0.25, ..LionConfig::new() });
    there_and_back::<_, 64>(&MomentumConfig { nesterov: true, ..MomentumConfig::new(0.9) });
    there_and_back::<_, 64>(&AverageConfig { gamma: 6.9 });
    let gate = Some(Gate { threshold: 0.5, patience: 10 });
    let noise =
        NoiseConfig { law: Distribution::Gaussian, unit: Unit::Gradient, gate, ..NoiseConfig::new(0.1, 5, 500) };
    there_and_back::<_, 64>(&noise);
    there_and_back::<_, 64>(&Ascent::asam(0.5));
    there_and_back::<_, 64>(&DynamicConfig { sparsity: Sparsity(0.8), every: 10, rate: 0.3, end: 500 });
    there_and_back::<_, 64>(&LanczosConfig { steps: 9, weight_decay: 0.0, reach: 1.0, seed: u64::MAX });
    there_and_back::<_, 128>(&MonitoredConfig::new(AdamConfig::adamw(0.01), Thresholds::adam()));
    there_and_back::<_, 64>(&Progress { steps: u32::MAX, samples: 3, skipped: 1 });
    there_and_back::<_, 64>(&OnlineReport { loss: 0.5, lr: 1e-3, applied: true });
    there_and_back::<_, 64>(&Schedule::constant(1e-3));
}

/// All settings of a run, with a loss of more outputs than serde's own arrays have.
#[test]
fn the_settings_of_a_run_come_back() {
    let loss = BceWithLogits { pos_weight: [2.0; 40], weight: [0.5; 40] };
    let config = Config::new(7, loss, MomentumConfig::new(0.9), Schedule::constant(1e-3)).clipped(1.0);
    let mut buffer = [0; 400];
    let written = postcard::to_slice(&config, &mut buffer).unwrap();
    let back: Config<BceWithLogits<40>, MomentumConfig, true> = postcard::from_bytes(written).unwrap();
    assert_eq!((back.seed, back.loss, back.optimizer), (config.seed, config.loss, config.optimizer));
    assert_eq!((back.schedule, back.clip, back.dropout), (config.schedule, config.clip, config.dropout));
    there_and_back::<_, 8>(&CrossEntropy { label_smoothing: 0.1 });
    there_and_back::<_, 1>(&Mse);
}

#[test]
fn a_limit_is_for_what_clips() {
    for limit in [None, Some(1.5)] {
        there_and_back::<_, 5>(&Clip::<true>::from(limit));
    }
    there_and_back::<_, 1>(&Clip::NONE);
    let mut buffer = [0; 5];
    let limit = postcard::to_slice(&Clip::<true>::from(1.5), &mut buffer).unwrap();
    assert!(postcard::from_bytes::<Clip<false>>(limit).is_err());
}
