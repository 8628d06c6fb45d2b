//! How many GELUs are saturated, beside the monitor's verdict.

use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::extra::monitor::{Monitored, MonitoredConfig, Saturation, Thresholds, visit_path};
use trainlet::nn::block::{BlockInput, Checkpointed, Keep, MixerBlock, Recompute};
use trainlet::nn::head::{DenseHead, MeanHead};
use trainlet::nn::layer::{Axis, Gelu};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::micro_batch::MicroBatch;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{DenseStem, PatchEmbedding, Stem};
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online, Trainer};

type Stacked<B> = Net<4, 6, PatchEmbedding<4, 3, 1, 6>, B, MeanHead<6, 2>>;
type Block<K> = MixerBlock<4, 6, 5, 9, Gelu, K>;
type Kept = Stacked<[Block<Keep>; 3]>;
type Watched<const GELUS: usize> = Monitored<Sgd, 64, GELUS>;
/// Two of each block.
const GELUS: usize = 6;

const CONFIG: MonitoredConfig<SgdConfig> = MonitoredConfig::new(SgdConfig { weight_decay: 0.0 }, Thresholds::sgd());
/// A rate so small that the weights stay.
const STILL: Schedule = Schedule::constant(1e-30);
const SAMPLES: usize = 24;

fn sample(index: usize) -> [[f32; 3]; 4] {
    let mut random = Key::new(11, Purpose::Order).child(index as u64).stream();
    [[(); 3]; 4].map(|frame| frame.map(|()| 2.0 * random.uniform() - 1.0))
}

fn config() -> Config<CrossEntropy, MonitoredConfig<SgdConfig>> {
    Config::new(1, CrossEntropy::new(), CONFIG, STILL)
}

/// What an epoch without any change reports of weights that `prepare` has changed from their start.
fn report<M, A: Tensor, const GELUS: usize>(prepare: impl FnOnce(&mut M)) -> Option<Saturation>
where
    M: Model<Input = [[f32; 3]; 4], Output = [f32; 2]>,
{
    let mut trainer = Box::new(Trainer::<M, CrossEntropy, Watched<GELUS>, A>::ZERO);
    trainer.init(config()).unwrap();
    prepare(&mut trainer.weights);
    for index in 0..SAMPLES {
        trainer.accumulate(&sample(index), &(index % 2), 1.0).unwrap();
        trainer.step();
    }
    trainer.end_epoch(0.7).saturation
}

/// Changes all values of a leaf, given with their numbers.
fn change<M: Params>(model: &mut M, name: &str, by: impl Fn(usize, f32) -> f32) {
    let mut found = false;
    model.walk(&mut |leaf, values| {
        if leaf.path.to_string() == name {
            values.iter_mut().enumerate().for_each(|(index, value)| *value = by(index, *value));
            found = true;
        }
    });
    assert!(found, "{name}");
}

fn name(saturation: Option<Saturation>) -> (f32, String) {
    let (Saturation { share, leaf }, mut name) = (saturation.unwrap(), String::new());
    visit_path(&Kept::ZERO, leaf.unwrap(), &mut |path| name = path.to_string());
    (share, name)
}

fn kept<const GELUS: usize>(prepare: impl FnOnce(&mut Kept)) -> Option<Saturation> {
    report::<Kept, [f32; Kept::ARENA], GELUS>(prepare)
}

/// A sum of products as PyTorch starts them has a deviation of about 0.6 behind a normalisation: -3 is five of it away.
#[test]
fn a_fresh_network_has_none() {
    assert_eq!(kept::<GELUS>(|_| ()).unwrap().share, 0.0);
}

#[test]
fn a_layer_that_is_driven_below_is_saturated_and_named() {
    for name_of_bias in ["blocks.0.token_mixing.0.bias", "blocks.1.channel_mixing.0.bias"] {
        let most = kept::<GELUS>(|weights| change(weights, name_of_bias, |_, _| -30.0));
        assert_eq!(name(most), (1.0, name_of_bias.into()));
    }
}

/// Without weights the bias is all that goes in: 2 of the 5 units here, and -3 itself is not below -3.
#[test]
fn a_unit_counts_for_its_share() {
    let most = kept::<GELUS>(|weights| {
        change(weights, "blocks.2.token_mixing.0.weight", |_, _| 0.0);
        change(weights, "blocks.2.token_mixing.0.bias", |unit, _| [-3.1, -2.9, -3.0, 7.0, -9.0][unit]);
    });
    assert_eq!(name(most), (0.4, "blocks.2.token_mixing.0.bias".into()));
}

fn widen<M: Params>(weights: &mut M) {
    change(weights, "blocks.0.token_mixing.0.weight", |_, w| 6.0 * w);
}

/// The first layer alone, by the layers themselves.
#[test]
fn the_share_is_that_of_a_plain_count() {
    let mut plain = Kept::ZERO;
    plain.init(Key::new(1, Purpose::Init));
    widen(&mut plain);
    let (mut below, mut all) = (0, 0);
    for index in 0..SAMPLES {
        let (mut x, mut hidden) = ([[0.0; 6]; 4], [0.0; 5 * 6]);
        plain.stem.infer(&sample(index), &mut x, &mut []);
        let token = &plain.blocks[0].first;
        token.norm.infer_in_place(&mut x);
        token.branch.hidden.forward(Axis::Columns { width: 6 }, x.as_flattened(), &mut hidden);
        below += hidden.iter().filter(|x| **x < -3.0).count();
        all += hidden.len();
    }
    assert!(below > all / 50 && below < all / 2, "{below} of {all}");
    assert_eq!(kept::<1>(widen).unwrap().share, below as f32 / all as f32);
}

/// However little is kept for the backward pass, the forward pass counts each value once.
#[test]
fn the_count_is_the_same_whatever_is_kept() {
    type Again = Stacked<[Block<Recompute<2>>; 3]>;
    type Input = Stacked<[Block<BlockInput>; 3]>;
    type Segments = Stacked<Checkpointed<Block<Recompute>, 3, 1>>;
    let expected = kept::<GELUS>(widen);
    assert!(expected.unwrap().share > 0.02);
    assert_eq!(report::<Again, [f32; Again::ARENA], GELUS>(widen), expected);
    assert_eq!(report::<Input, [f32; Input::ARENA], GELUS>(widen), expected);
    assert_eq!(report::<Segments, [f32; Segments::ARENA], GELUS>(widen), expected);
}

#[test]
fn without_a_gradient_buffer_it_is_the_same() {
    let mut trainer = Box::new(Online::<Kept, CrossEntropy, Watched<GELUS>, [f32; Kept::ONLINE_ARENA]>::ZERO);
    trainer.init(config()).unwrap();
    widen(&mut trainer.weights);
    for epoch in 0..2 {
        for index in 0..SAMPLES {
            trainer.learn(&sample(index), &(index % 2)).unwrap();
        }
        assert_eq!(trainer.end_epoch(0.7).saturation, kept::<GELUS>(widen), "epoch {epoch} begins at nothing");
    }
}

/// The perceptron, whose samples may go side by side: 2 units of its second layer out of 5.
#[test]
fn a_stem_counts_one_sample_or_several_at_a_time() {
    type Perceptron = Net<1, 5, DenseStem<12, 7, 5, Gelu>, (), DenseHead<5, 2>>;
    type Batch = MicroBatch<Perceptron, 4>;
    let prepare = |weights: &mut Perceptron| {
        change(weights, "embed.1.weight", |_, _| 0.0);
        change(weights, "embed.1.bias", |unit, _| [-4.0, 0.0, -5.0, 1.0, -1.0][unit]);
    };
    let inputs: [[f32; 12]; SAMPLES] = std::array::from_fn(|index| std::array::from_fn(|i| sample(index).flat()[i]));
    let targets: [usize; SAMPLES] = std::array::from_fn(|index| index % 2);
    let mut single = Box::new(Trainer::<Perceptron, CrossEntropy, Watched<GELUS>, [f32; Perceptron::ARENA]>::ZERO);
    single.init(config()).unwrap();
    prepare(&mut single.weights);
    for (input, target) in inputs.iter().zip(&targets) {
        single.accumulate(input, target, 1.0).unwrap();
    }
    let expected = single.end_epoch(0.7).saturation;
    assert_eq!(expected.unwrap().share, 0.4);

    let mut batch = Box::new(Trainer::<Batch, CrossEntropy, Watched<GELUS>, [f32; Batch::ARENA]>::ZERO);
    batch.init(config()).unwrap();
    prepare(&mut batch.weights.model);
    batch.accumulate_batch(&inputs, &targets, 1.0).unwrap();
    assert_eq!(batch.end_epoch(0.7).saturation, expected);
}

#[test]
fn each_epoch_is_counted_by_itself() {
    let mut trainer = Box::new(Trainer::<Kept, CrossEntropy, Watched<GELUS>, [f32; Kept::ARENA]>::ZERO);
    trainer.init(config()).unwrap();
    for bias in [-30.0, 0.0] {
        change(&mut trainer.weights, "blocks.0.token_mixing.0.bias", |_, _| bias);
        trainer.accumulate(&sample(0), &0, 1.0).unwrap();
        let share = trainer.end_epoch(0.7).saturation.unwrap().share;
        assert_eq!(share, if bias < 0.0 { 1.0 } else { 0.0 });
    }
    assert_eq!(trainer.end_epoch(0.7).saturation, None, "an epoch without a sample");
}

#[test]
fn nothing_is_counted_unless_asked_for() {
    assert_eq!(kept::<0>(widen), None);
    let mut trainer = Box::new(Trainer::<Kept, CrossEntropy, Watched<GELUS>, [f32; Kept::ARENA]>::ZERO);
    trainer.init(config().with_optimizer(|watched| MonitoredConfig { thresholds: None, ..watched })).unwrap();
    trainer.accumulate(&sample(0), &0, 1.0).unwrap();
    assert_eq!(trainer.end_epoch(0.7).saturation, None);
    assert_eq!(size_of::<Watched<6>>() - size_of::<Watched<0>>(), 6 * 12);
}
