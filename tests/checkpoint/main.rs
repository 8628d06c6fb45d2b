//! A run that stops after any step and resumes from its checkpoint gives the bit-identical weights of one that never stopped; what is no
//! checkpoint of it is refused and changes nothing.

#[path = "../common/mod.rs"]
mod common;
mod media;

use common::tensor;
use trainlet::checkpoint::{self, Error, Slice};
use trainlet::core::archive::{Archive, Failure};
use trainlet::core::params::Params;
use trainlet::core::setting::Setting;
use trainlet::extra::monitor::{Monitored, MonitoredConfig, Thresholds};
use trainlet::nn::block::{BlockInput, Keep, KeepSlopes, MixerBlock, Recompute};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{Dropout, Gelu, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Bf16, Block8, Copied, DogConfig, Gate, LayerDog, Lion, LionConfig,
    LrShape, Momentum, MomentumConfig, NoiseConfig, Noisy, Proximal, ProximalConfig, Redrawn, Schedule, ScheduleFree,
    ScheduleFreeConfig, SecondOnly, Seed, Sgd, SgdConfig,
};
use trainlet::train::{
    Ascent, Config, Dynamic, DynamicConfig, Fisher, Learner, NoMask, Online, Sam, SingleStep, Sparsity, TopK, Trainer,
    observe_samples, train_step,
};

type MixerOf<K> = Net<3, 2, PatchEmbedding<3, 2, 1, 2>, [MixerBlock<3, 2, 4, 3, Gelu, K>; 2], MeanHead<2, 3>>;
type Mixer = MixerOf<Keep>;
type Input = <Mixer as Model>::Input;

const P: usize = Mixer::TRAINABLE;
type Weights = [f32; P];
type Bits = [u32; P.div_ceil(32)];
type Plain<O> = Trainer<Mixer, CrossEntropy, O, [f32; Mixer::ARENA]>;
type TwoPasses<S> = Sam<Mixer, CrossEntropy, Adam<Weights>, [f32; Mixer::ARENA], Weights, S>;
type Single = SingleStep<Mixer, CrossEntropy, Adam<Weights>, [f32; Mixer::ARENA], Weights>;

const STEPS: u32 = 300;

fn config<O>(optimizer: O) -> Config<CrossEntropy, O> {
    let shape = LrShape::Restarts { first: 20, multiply: 2, min: 1e-4 };
    let config =
        Config::new(5, CrossEntropy { label_smoothing: 0.1 }, optimizer, Schedule { lr: 1e-2, warmup: 9, shape });
    Config { dropout: Dropout { p: 0.2 }, stochastic_depth: StochasticDepth { p: 0.2 }, ..config }
}

/// One in 40 has a value that is no number.
fn batch(step: u32) -> [(Input, usize); 2] {
    core::array::from_fn(|sample| {
        let mut input: Input = tensor(f64::from(2 * step) + sample as f64, 0.7);
        if step % 20 == 7 && sample == 1 {
            input[0][0] = f32::NAN;
        }
        (input, (step as usize + sample) % 3)
    })
}

fn advance<L: Learner<Input = Input, Target = usize, Error: core::fmt::Debug>>(learner: &mut L, step: u32) {
    let batch = batch(step);
    let samples = batch.iter().map(|(input, class)| (input, class));
    train_step(learner, samples.clone()).unwrap();
    if step % 16 == 3 {
        observe_samples(learner, samples).unwrap();
    }
}

fn written<L: Learner>(learner: &mut L) -> Vec<u8> {
    let mut file = Vec::new();
    let length = checkpoint::write(&mut file, &mut |archive| learner.persist(archive)).unwrap();
    assert_eq!(length as usize, file.len());
    file
}

fn read<L: Learner>(learner: &mut L, file: &[u8]) -> Result<u32, Error<core::convert::Infallible>> {
    checkpoint::read(&mut Slice::new(file), &mut |archive| learner.persist(archive))
}

/// Stops after each of the steps, and goes on in another trainer to the end.
fn resumes<L: Learner<Input = Input, Target = usize, Error: core::fmt::Debug>>(new: fn() -> Box<L>, start: fn(&mut L)) {
    let mut learner = new();
    start(&mut learner);
    let mut stops = vec![written(&mut *learner)];
    for step in 0..STEPS {
        advance(&mut *learner, step);
        stops.push(written(&mut *learner));
    }
    assert!(learner.progress().unwrap().steps >= STEPS);
    let end = stops.pop().unwrap();
    let mut resumed = new();
    for (stop, file) in (0..STEPS).zip(&stops) {
        read(&mut *resumed, file).unwrap();
        assert_eq!(written(&mut *resumed), *file, "what was read is written again, after step {stop}");
        for step in stop..STEPS {
            advance(&mut *resumed, step);
        }
        assert!(written(&mut *resumed) == end, "stopped after step {stop}");
    }
}

macro_rules! resumes {
    ($($name:ident: $type:ty, |$learner:ident| $start:expr;)+) => {
        $(#[test]
        fn $name() {
            resumes::<$type>(|| Box::new(<$type>::ZERO), |$learner| $start.unwrap());
        })+
    };
}

const ADAM: AdamConfig = AdamConfig::adam();
const NOISE: NoiseConfig =
    NoiseConfig { gate: Some(Gate { threshold: 0.9, patience: 3 }), ..NoiseConfig::new(0.5, 4, 400) };
const AVERAGE: AverageConfig = AverageConfig { gamma: 7.0 };
const DYNAMIC: DynamicConfig = DynamicConfig { sparsity: Sparsity(0.5), every: 7, rate: 0.5, end: 300 };

resumes! {
    adam: Plain<Adam<Weights>>, |l| l.init(config(ADAM).clipped(0.5));
    adamw_in_16_bits: Plain<Adam<[Bf16; P]>>, |l| l.init(config(AdamConfig::adamw(0.05)));
    adam_in_8_bits: Plain<Adam<[Block8; P.div_ceil(32)]>>, |l| l.init(config(ADAM));
    sgd: Plain<Sgd>, |l| l.init(config(SgdConfig { weight_decay: 1e-3 }));
    momentum: Plain<Momentum<Weights>>, |l| {
        l.init(config(MomentumConfig { dampening: 0.1, nesterov: true, ..MomentumConfig::new(0.9) }))
    };
    momentum_in_8_bits: Plain<Momentum<[Block8; P.div_ceil(32)]>>, |l| l.init(config(MomentumConfig::new(0.9)));
    lion: Plain<Lion<Weights>>, |l| l.init(config(LionConfig { weight_decay: 0.05, ..LionConfig::new() }).clipped(0.5));
    lion_in_8_bits: Plain<Lion<[Block8; P.div_ceil(32)]>>, |l| l.init(config(LionConfig::new()));
    schedule_free: Plain<ScheduleFree<Adam<SecondOnly<Weights>>, Weights>>, |l| {
        l.init(config((AdamConfig::adamw(0.05), ScheduleFreeConfig::new())).clipped(0.5))
    };
    schedule_free_in_8_bits: Plain<ScheduleFree<Adam<SecondOnly<[Block8; P.div_ceil(32)]>>, Weights>>, |l| {
        l.init(config((ADAM, ScheduleFreeConfig { beta: 0.98 })))
    };
    schedule_free_descent: Plain<ScheduleFree<Sgd, Weights>>, |l| {
        l.init(config((SgdConfig::default(), ScheduleFreeConfig::new())))
    };
    layer_dog: Plain<Averaged<LayerDog<Redrawn<Mixer>, { Mixer::LEAVES }>, Weights>>, |l| {
        l.init(config(((DogConfig { start: 1e-2, ..DogConfig::new() }, Seed(5)), AVERAGE)))
    };
    proximal: Plain<Proximal<Adam<Weights>, Copied<Weights>>>, |l| {
        l.init(config((ADAM, ProximalConfig { pull: 0.1, anchor: () })).clipped(0.5))
    };
    noise_and_average: Plain<Averaged<Noisy<Adam<Weights>>, Weights>>, |l| l.init(config(((ADAM, NOISE), AVERAGE)));
    monitored: Plain<Monitored<Adam<Weights>, 8, 2>>, |l| l.init(config(MonitoredConfig::new(ADAM, Thresholds::adam())));
    sam: TwoPasses<NoMask>, |l| l.init(config(ADAM), Ascent::asam(0.5), ());
    sam_of_the_largest: TwoPasses<TopK<Bits>>, |l| l.init(config(ADAM), Ascent::sam(0.1), Sparsity(0.5));
    sam_dynamic: TwoPasses<Dynamic<Bits>>, |l| l.init(config(ADAM), Ascent::sam(0.1), DYNAMIC);
    sam_by_fisher: TwoPasses<Fisher<Bits>>, |l| l.init(config(ADAM), Ascent::sam(0.1), Sparsity(0.5));
    sam_in_one_pass: Single, |l| l.init(config(ADAM), Ascent::sam(0.1));
    online_proximal: Online<Mixer, CrossEntropy, Proximal<Sgd, Redrawn<Mixer>>, [f32; Mixer::ONLINE_ARENA]>, |l| {
        l.init(config((SgdConfig::default(), ProximalConfig { pull: 0.1, anchor: Seed(5) })))
    };
    online: Online<Mixer, CrossEntropy, Momentum<Weights>, [f32; Mixer::ONLINE_ARENA]>, |l| {
        l.init(config(MomentumConfig::new(0.5)))
    };
}

/// The same with other things kept from the forward to the backward pass, and other parts trained.
macro_rules! resumes_in {
    ($($name:ident: $net:ty;)+) => {
        resumes! {
            $($name: Trainer<$net, CrossEntropy, Adam<[f32; <$net>::TRAINABLE]>, [f32; <$net>::ARENA]>, |l| l.init(config(ADAM));)+
        }
    };
}
resumes_in! {
    kept_slopes: MixerOf<KeepSlopes>;
    recomputed: MixerOf<Recompute>;
    block_inputs: MixerOf<BlockInput>;
}

fn started() -> Box<Plain<Adam<Weights>>> {
    let mut trainer = Box::new(Plain::<Adam<Weights>>::ZERO);
    trainer.init(config(ADAM).clipped(0.5)).unwrap();
    (0..5).for_each(|step| advance(&mut *trainer, step));
    trainer
}

#[test]
fn every_bit_flipped_and_every_end_cut_off_is_found() {
    let mut trainer = started();
    let file = written(&mut *trainer);
    for bit in 0..8 * file.len() {
        let mut damaged = file.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let error = read(&mut *trainer, &damaged).unwrap_err();
        let expected = if bit < 32 { error == Error::Foreign } else { matches!(error, Error::Damaged | Error::Cut) };
        assert!(expected, "bit {bit}: {error:?}");
    }
    for length in 0..file.len() {
        assert_eq!(read(&mut *trainer, &file[..length]), Err(Error::Cut), "{length}");
    }
    assert!(written(&mut *trainer) == file, "the trainer is as it was");
}

/// Header and contents with right checksums, whatever is in them.
fn sealed(version: u32, network: u32, others: u32, contents: &[u8]) -> Vec<u8> {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut file = b"TRNL".to_vec();
    [version, network, others, contents.len() as u32].iter().for_each(|field| file.extend(field.to_le_bytes()));
    file.extend(crc.checksum(&file).to_le_bytes());
    file.extend(contents);
    file.extend(crc.checksum(contents).to_le_bytes());
    file
}

#[test]
fn what_is_of_something_else_is_refused_by_name() {
    let mut trainer = started();
    let before = written(&mut *trainer);
    let field = |place: usize| u32::from_le_bytes(before[place..place + 4].try_into().unwrap());
    let (network, others, contents) = (field(8), field(12), &before[24..before.len() - 4]);
    assert_eq!(sealed(1, network, others, contents), before, "the format is as documented");

    let with = |place: usize, bytes: &[u8]| {
        let mut contents = contents.to_vec();
        contents[place..place + bytes.len()].copy_from_slice(bytes);
        sealed(1, network, others, &contents)
    };
    let nan = f32::NAN.to_le_bytes();
    // Seed, smoothing, then the rate; 5 settings and two counts before the weights.
    let rate = 12;
    let range = |value: f32| trainlet::core::setting::OutOfRange { setting: Setting::Rate, value };
    for (file, error) in [
        (sealed(2, network, others, contents), Error::Version(2)),
        (sealed(1, network ^ 1, others, contents), Error::Network),
        (sealed(1, network, others ^ 1, contents), Error::Kept),
        (sealed(1, network, others, &contents[1..]), Error::Value(Failure::Malformed)),
        (with(rate, &(-1.0_f32).to_le_bytes()), Error::Value(Failure::Setting(range(-1.0)))),
        (with(rate + 8, &[9]), Error::Value(Failure::Malformed)),
        (with(contents.len() - 4, &nan), Error::Value(Failure::NotFinite)),
    ] {
        assert_eq!(read(&mut *trainer, &file), Err(error));
    }
    let longer = sealed(1, network, others, &[contents, &[0]].concat());
    assert_eq!(read(&mut *trainer, &longer), Err(Error::Value(Failure::Malformed)));

    let mut other = Box::new(Plain::<Adam<[Bf16; P]>>::ZERO);
    other.init(config(ADAM)).unwrap();
    assert_eq!(read(&mut *trainer, &written(&mut *other)), Err(Error::Kept), "a state of fewer bits");
    type Wider = Net<3, 2, PatchEmbedding<3, 2, 1, 2>, [MixerBlock<3, 2, 5, 3>; 2], MeanHead<2, 3>>;
    let mut wider = Box::new(Trainer::<Wider, CrossEntropy, Sgd, [f32; Wider::ARENA]>::ZERO);
    wider.init(config(SgdConfig::default())).unwrap();
    assert_eq!(read(&mut *trainer, &written(&mut *wider)), Err(Error::Network));
    assert!(written(&mut *trainer) == before, "the trainer is as it was");
}

#[test]
fn only_whole_steps_of_a_run_are_written_and_what_waits_is_forgotten_when_one_is_read() {
    let mut trainer = started();
    let file = written(&mut *trainer);
    let [(input, class), _] = batch(5);
    trainer.accumulate(&input, &class, 1.0).unwrap();
    let refused = checkpoint::write(&mut Vec::new(), &mut |archive| trainer.persist(archive));
    assert!(matches!(refused, Err(Error::Value(Failure::SamplesWaiting))));
    assert_eq!(read(&mut *trainer, &file), Ok(file.len() as u32));
    assert_eq!(trainer.samples(), 0);
    assert!(written(&mut *trainer) == file);

    let mut never_started = Box::new(Plain::<Adam<Weights>>::ZERO);
    let refused = checkpoint::length(&mut |archive| never_started.persist(archive));
    assert!(matches!(refused, Err(Failure::Setting(_))), "{refused:?}");
}

/// What else a program keeps.
#[test]
fn choices_and_numbers_come_back() {
    let (mut option, mut flag, mut bytes, mut long) = (Some(3_u32), true, [1_u8, 2, 3], 1 << 40);
    let mut keep = |archive: &mut Archive| {
        archive.option(&mut option, 0, |value, archive| archive.count(value));
        archive.flag(&mut flag);
        archive.bytes(&mut bytes);
        archive.long(&mut long);
    };
    let mut file = Vec::new();
    checkpoint::write(&mut file, &mut keep).unwrap();
    (option, flag, bytes, long) = (None, false, [0; 3], 0);
    checkpoint::read(&mut Slice::new(&file), &mut |archive| {
        archive.option(&mut option, 0, |value, archive| archive.count(value));
        archive.flag(&mut flag);
        archive.bytes(&mut bytes);
        archive.long(&mut long);
    })
    .unwrap();
    assert_eq!((option, flag, bytes, long), (Some(3), true, [1, 2, 3], 1 << 40));
}
