//! What the boards' own program refuses, and that nothing changes then.

mod fake_board;

use fake_board::FakeBoard;
use fake_board::host::{SETTINGS, greeted, refusal};
use trainlet::core::setting::{OutOfRange, Setting};
use trainlet::link::message::{Readable, Refusal, Settings, Writable};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::LossOptions;
use trainlet::optim::{AdamConfig, LrShape, Schedule, WeightDecay};

#[test]
fn requests_that_cannot_be_are_refused_and_change_nothing() {
    let board = FakeBoard::new();
    let mut client = greeted(&board, 1);
    assert_eq!(refusal(client.accumulate(&[0.0], 1.0)), Refusal::NoRun);
    assert_eq!(refusal(client.step()), Refusal::NoRun);
    assert_eq!(refusal(client.evaluate(&[0.0])), Refusal::NoRun);
    assert_eq!(refusal(client.start(0, SETTINGS)), Refusal::RunZero);
    client.start(9, SETTINGS).unwrap();
    let before = client.checksum().unwrap();
    assert_eq!(refusal(client.accumulate(&[0.0], 1.0)), Refusal::NoSample);
    assert_eq!(refusal(client.step()), Refusal::NoSamples);
    assert_eq!(refusal(client.commit(0)), Refusal::NoWeights);
    client.write(Writable::Sample, &[0.25; 96]).unwrap();
    assert_eq!(refusal(client.accumulate(&[7.0], 1.0)), Refusal::InvalidTarget);
    assert_eq!(refusal(client.evaluate(&[7.0])), Refusal::InvalidTarget);
    assert_eq!(refusal(client.write(Writable::Sample, &[0.0; 97])), Refusal::OutOfRange);
    assert_eq!(refusal(client.write(Writable::Mean, &[f32::NAN])), Refusal::NotFinite);
    assert_eq!(refusal(client.read(Readable::Deviation, &mut [0.0; 97])), Refusal::OutOfRange);
    let weighted = Settings { loss: LossOptions { pos_weight: Some(2.0), ..SETTINGS.loss }, ..SETTINGS };
    assert_eq!(refusal(client.start(10, weighted)), Refusal::NoSuchOption);
    client.write_from(Writable::Weights, 0, &[1.0]).unwrap();
    assert_eq!(refusal(client.commit(0)), Refusal::WrongChecksum);
    let status = client.status().unwrap();
    assert_eq!((status.run, status.steps, status.samples, client.checksum().unwrap()), (9, 0, 0, before));
}

/// Each of these has been answered `Done` before, and some have destroyed all weights in the next step.
#[test]
fn settings_out_of_range_are_refused_by_name() {
    let board = FakeBoard::new();
    let mut client = greeted(&board, 1);
    client.start(9, SETTINGS).unwrap();
    let before = client.checksum().unwrap();
    let schedule = |lr| Settings { schedule: Schedule::constant(lr), ..SETTINGS };
    let adam = |adam| Settings { adam, ..SETTINGS };
    let usual = AdamConfig::adam();
    let cosine = LrShape::Cosine { min: -1.0, steps: 5 };
    let cases = [
        (schedule(-1.0), Setting::Rate, -1.0),
        (schedule(f32::INFINITY), Setting::Rate, f32::INFINITY),
        (Settings { schedule: Schedule { shape: cosine, ..SETTINGS.schedule }, ..SETTINGS }, Setting::LeastRate, -1.0),
        (adam(AdamConfig { betas: [0.9, 1.0], ..usual }), Setting::Beta, 1.0),
        (adam(AdamConfig { betas: [-0.1, 0.9], ..usual }), Setting::Beta, -0.1),
        (adam(AdamConfig { eps: 0.0, ..usual }), Setting::Epsilon, 0.0),
        (adam(AdamConfig { weight_decay: WeightDecay::Coupled(-1.0), ..usual }), Setting::WeightDecay, -1.0),
        (Settings { clip: Some(0.0), ..SETTINGS }, Setting::Clip, 0.0),
        (Settings { dropout: Dropout { p: 1.0 }, ..SETTINGS }, Setting::Dropout, 1.0),
        (Settings { stochastic_depth: StochasticDepth { p: 2.0 }, ..SETTINGS }, Setting::StochasticDepth, 2.0),
        (
            Settings { loss: LossOptions { label_smoothing: Some(1.0), ..SETTINGS.loss }, ..SETTINGS },
            Setting::LabelSmoothing,
            1.0,
        ),
    ];
    for (settings, setting, value) in cases {
        assert_eq!(refusal(client.start(10, settings)), Refusal::Setting(OutOfRange { setting, value }));
    }
    match refusal(client.start(10, schedule(f32::NAN))) {
        Refusal::Setting(OutOfRange { setting: Setting::Rate, value }) => assert!(value.is_nan()),
        other => panic!("{other:?}"),
    }
    let negative = Refusal::Setting(OutOfRange { setting: Setting::Deviation, value: -1.0 });
    assert_eq!(refusal(client.write(Writable::Deviation, &[1.0, -1.0])), negative);
    let mut deviation = [0.0; 96];
    client.read(Readable::Deviation, &mut deviation).unwrap();
    assert_eq!((client.status().unwrap().run, client.checksum().unwrap(), deviation), (9, before, [1.0; 96]));
}
