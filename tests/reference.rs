//! Numbers of an independent float64 implementation: layer normalisation, and a whole one-block Mixer with all its
//! gradients.

mod common;

use common::{analytic, fixture, named, pass, tensor};
use trainlet::core::params::Params;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::LayerNorm;
use trainlet::nn::loss::{BceWithLogits, Loss};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

type Mixer = Net<3, 4, PatchEmbedding<6, 1, 2, 4>, [MixerBlock<3, 4, 5, 6>; 1], MeanHead<4, 1>>;

fn near(value: f32, expected: f64, tolerance: f64) {
    assert!((f64::from(value) - expected).abs() <= tolerance, "{value} instead of {expected}");
}

#[test]
fn layer_norm_forward_and_backward() {
    let mut norm = LayerNorm::<4> { weight: tensor(1.1, 1.0), bias: tensor(2.0, 0.1) };
    norm.weight.iter_mut().for_each(|weight| *weight += 1.5);
    let x = tensor::<[[f32; 4]; 2]>(0.3, 1.0);
    let (mut normalized, mut rstd, mut y) = ([[0.0; 4]; 2], [0.0; 2], [[0.0; 4]; 2]);
    norm.forward(&x, &mut normalized, &mut rstd, &mut y);
    let (mut grad, mut dx) = ([0.0; 8], tensor::<[[f32; 4]; 2]>(0.7, 1.0));
    norm.backward(&mut grad, &normalized, &rstd, &mut dx);
    let expected: [(&[f32], &[f64]); 4] = [
        (
            y.as_flattened(),
            &[2.30343867, 1.40165813, -0.33183555, -0.82632726, -2.93709134, -1.16575178, 0.35690426, 0.61179537],
        ),
        (
            dx.as_flattened(),
            &[1.20856081, -0.72162439, -1.01138161, 0.52444519, -0.83057708, 0.83422008, 0.5818645, -0.5855075],
        ),
        (&grad[..4], &[2.03149072, 0.61904974, 0.40468795, 2.74643029]),
        (&grad[4..], &[0.11611895, 0.41630964, 0.4014455, 0.08277541]),
    ];
    for (values, expected) in expected {
        values.iter().zip(expected).for_each(|(value, expected)| near(*value, *expected, 1e-6));
    }
}

/// The reference model: in the order of the walk, the phase and amplitude of each leaf; weights of norms are around 1.
fn mixer() -> Mixer {
    let leaves = [
        (0.1, 0.6),
        (0.2, 0.1),
        (0.3, 0.1),
        (0.4, 0.1),
        (0.5, 0.5),
        (0.6, 0.1),
        (0.7, 0.5),
        (0.8, 0.1),
        (0.9, 0.1),
        (1.0, 0.1),
        (1.1, 0.5),
        (1.2, 0.1),
        (1.3, 0.5),
        (1.4, 0.1),
        (1.5, 0.1),
        (1.6, 0.1),
        (1.7, 0.5),
        (1.8, 0.1),
    ];
    let mut model = Mixer::ZERO;
    let mut next = leaves.iter();
    model.walk(&mut |leaf, values| {
        let (phase, amplitude) = next.next().unwrap();
        fixture(values, *phase, *amplitude);
        if leaf.path.to_string().ends_with("norm.weight") {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
    });
    assert!(next.next().is_none());
    model
}

fn logit_and_gradient(model: &Mixer, target: f32) -> (f32, f32, Vec<(String, f32)>) {
    let input = tensor(0.0, 1.0);
    let mut output = [0.0];
    model.infer(&input, &mut output, &mut [0.0; Mixer::INFER_ARENA]);
    let mut slope = [0.0];
    let loss = BceWithLogits::new().evaluate(&output, &[target], &mut slope).unwrap();
    (output[0], loss, named(model, &analytic(model, &input, &slope, &pass(0.0, 0.0, 1, 0))))
}

fn norm_of(gradient: &[(String, f32)], name: &str) -> f32 {
    gradient.iter().filter(|(leaf, _)| leaf == name).map(|(_, g)| g * g).sum::<f32>().sqrt()
}

fn first_of(gradient: &[(String, f32)], name: &str) -> f32 {
    gradient.iter().find(|(leaf, _)| leaf == name).unwrap().1
}

#[test]
fn a_whole_mixer_with_all_its_gradients() {
    assert_eq!(Mixer::COUNT, 137);
    let (logit, loss, gradient) = logit_and_gradient(&mixer(), 1.0);
    near(logit, 0.4709631106, 1e-6);
    near(loss, 0.4851388934, 1e-6);
    near(logit_and_gradient(&mixer(), 0.0).1, 0.9561020040, 1e-6);
    near(gradient.iter().map(|(_, g)| g * g).sum::<f32>().sqrt(), 0.7337836479, 1e-6);
    for (name, expected) in [
        ("embed.weight", 0.1127575451),
        ("blocks.0.token_mixing.0.weight", 0.1617663465),
        ("blocks.0.token_mixing.1.weight", 0.1645620474),
        ("blocks.0.channel_mixing.0.weight", 0.1259284349),
        ("blocks.0.channel_mixing.1.weight", 0.1011230201),
        ("blocks.0.token_norm.weight", 0.0392616818),
        ("blocks.0.channel_norm.bias", 0.0449115346),
        ("norm.weight", 0.1098832619),
        ("head.weight", 0.3482063089),
    ] {
        near(norm_of(&gradient, name), expected, 1e-6);
    }
    for (name, expected) in [
        ("embed.weight", -0.0536369055),
        ("blocks.0.token_mixing.0.weight", 0.0361617214),
        ("blocks.0.token_mixing.1.weight", -0.0137577313),
        ("blocks.0.channel_mixing.0.weight", -0.0200922694),
        ("blocks.0.channel_mixing.1.weight", -0.0461344741),
        ("head.weight", -0.1579838768),
    ] {
        near(first_of(&gradient, name), expected, 1e-6);
    }
}

/// Every reader of the stream is a LayerNorm, which does not see a constant added to all channels.
#[test]
fn gradients_into_the_stream_sum_to_zero_over_the_channels() {
    let (.., gradient) = logit_and_gradient(&mixer(), 1.0);
    for (name, columns) in
        [("embed.weight", 2), ("blocks.0.channel_mixing.1.weight", 6), ("blocks.0.channel_mixing.1.bias", 1)]
    {
        let values: Vec<_> = gradient.iter().filter(|(leaf, _)| leaf == name).map(|(_, g)| g).collect();
        assert_eq!(values.len(), 4 * columns, "a row per channel");
        for column in 0..columns {
            near(values.iter().skip(column).step_by(columns).copied().sum(), 0.0, 1e-7);
        }
    }
}

#[test]
fn with_a_zero_head_only_the_head_learns_at_first() {
    let mut model = mixer();
    model.head.head.weight = [[0.0; 4]];
    model.head.head.bias = [0.0];
    let (logit, loss, gradient) = logit_and_gradient(&model, 1.0);
    near(logit, 0.0, 0.0);
    near(loss, core::f64::consts::LN_2, 1e-7);
    for (name, value) in gradient {
        assert!(if name.starts_with("head") { value != 0.0 } else { value == 0.0 }, "{name}: {value}");
    }
}

#[test]
fn parameter_counts_follow_the_formula() {
    type Seven = Net<7, 16, PatchEmbedding<42, 1, 6, 16>, [MixerBlock<7, 16, 28, 32>; 2], MeanHead<16, 1>>;
    type Fourteen = Net<14, 16, PatchEmbedding<42, 1, 3, 16>, [MixerBlock<14, 16, 32, 32>; 4], MeanHead<16, 1>>;
    use trainlet::networks::{Flow7x6, Flow16x2, Mlp42, Notebook, Watch12x1, Watch16x2};
    let counts = [Seven::COUNT, Fourteen::COUNT, Watch12x1::COUNT, Watch16x2::COUNT];
    assert_eq!(counts, [3287, 8425, 1403, 3095]);
    assert_eq!([Flow16x2::COUNT, Flow7x6::COUNT, Mlp42::COUNT, Notebook::COUNT], [2697, 2339, 4865, 420_697]);
}
