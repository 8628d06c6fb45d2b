//! Requests that mean something, with numbers that may not.

use arbitrary::{Arbitrary, Result, Unstructured};
use trainlet::link::message::{Readable, Request, Settings, VERSION, Writable};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::LossOptions;
use trainlet::optim::{AdamConfig, LrShape, Schedule, WeightDecay};

/// A number: one that settings usually have, one from the edges, or any.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f32);

const USUAL: [f32; 8] = [0.0, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.999, 1.0];
const EDGES: [f32; 12] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    1e-45,
    -0.0,
    -1.0,
    1e19,
    1e30,
    0.999_999_94,
];

impl Arbitrary<'_> for Number {
    fn arbitrary(u: &mut Unstructured) -> Result<Self> {
        Ok(Self(match u.int_in_range(0..=7)? {
            0..5 => *u.choose(&USUAL)?,
            5..7 => *u.choose(&EDGES)?,
            _ => f32::from_bits(u.arbitrary()?),
        }))
    }
}

/// Values of a sample of the networks, and places from which weights are asked for.
const INPUTS: u8 = 4;
pub(crate) const WEIGHTS: u8 = 80;

/// A request.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "as in `Request`")]
pub enum Ask {
    Hello { known_version: bool, known_network: bool },
    Status,
    Budget,
    Start { zero: bool, run: Run },
    Write { what: u8, offset: u8, values: Vec<Number> },
    Read { what: u8, offset: u8, count: u8 },
    Commit { right: bool },
    Accumulate { label: Vec<Number>, weight: Number },
    Step,
    Evaluate { label: Vec<Number> },
    Predict { offset: u8, count: u8 },
    Checksum,
    Save,
}

/// Settings of a run.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub struct Run {
    seed: u64,
    usual: bool,
    numbers: [Number; 8],
    options: [bool; 4],
    shape: u8,
    steps: u32,
}

impl Run {
    /// As the link has them; half of the runs have settings that usually work.
    pub fn settings(self) -> Settings {
        let Self { seed, usual, numbers, options, shape, steps } = self;
        let [lr, min, beta1, beta2, eps, decay, share, clip] = numbers.map(|number| number.0);
        let schedule = Schedule {
            lr: if usual { 1e-2 } else { lr },
            warmup: steps % 5,
            shape: match shape % 3 {
                0 => LrShape::Constant,
                1 => LrShape::Cosine { min, steps },
                _ => LrShape::Restarts { first: steps, multiply: steps % 3, min },
            },
        };
        let weight_decay = match shape / 3 % 3 {
            0 => WeightDecay::None,
            1 => WeightDecay::Coupled(decay),
            _ => WeightDecay::Decoupled(decay),
        };
        let adam = AdamConfig { betas: [beta1, beta2], eps, weight_decay };
        let [smoothing, positive, clipped, random] = options;
        Settings {
            seed,
            loss: LossOptions { label_smoothing: smoothing.then_some(share), pos_weight: positive.then_some(decay) },
            adam: if usual { AdamConfig::adam() } else { adam },
            schedule,
            clip: clipped.then_some(clip),
            dropout: Dropout { p: if random { share } else { 0.0 } },
            stochastic_depth: StochasticDepth { p: if random { share } else { 0.0 } },
        }
    }
}

impl Ask {
    /// The request; `network` is the fingerprint of the network there, `checksum` that of what was staged, and `bytes` holds values.
    pub fn request<'a>(&self, network: u32, checksum: u32, bytes: &'a mut Vec<u8>) -> Request<'a> {
        match self {
            Self::Hello { known_version, known_network } => Request::Hello {
                version: VERSION + u8::from(!known_version),
                network: network ^ u32::from(!known_network),
            },
            Self::Status => Request::Status,
            Self::Budget => Request::Budget,
            Self::Start { zero, run } => Request::Start { run: u32::from(!zero), settings: run.settings() },
            Self::Write { what, offset, values } => {
                let (what, places, most) = match what % 4 {
                    0 => (Writable::Sample, INPUTS, INPUTS + 1),
                    1 => (Writable::Mean, INPUTS, INPUTS + 1),
                    2 => (Writable::Deviation, INPUTS, INPUTS + 1),
                    _ => (Writable::Weights, WEIGHTS, 64),
                };
                Request::Write { what, offset: u32::from(offset % places), bytes: written(values, most, bytes) }
            }
            Self::Read { what, offset, count } => {
                let what = [Readable::Mean, Readable::Deviation, Readable::Weights][usize::from(what % 3)];
                Request::Read { what, offset: u32::from(offset % WEIGHTS), count: u16::from(count % 40) }
            }
            Self::Commit { right } => Request::Commit { crc32: checksum ^ u32::from(!right) },
            Self::Accumulate { label, weight } => {
                Request::Accumulate { label: written(label, 3, bytes), weight: weight.0 }
            }
            Self::Step => Request::Step,
            Self::Evaluate { label } => Request::Evaluate { label: written(label, 3, bytes) },
            Self::Predict { offset, count } => {
                Request::Predict { offset: u16::from(offset % 5), count: u16::from(count % 5) }
            }
            Self::Checksum => Request::Checksum,
            Self::Save => Request::Save,
        }
    }
}

/// The first of these numbers as bytes, which are kept in `bytes`.
fn written<'a>(values: &[Number], most: u8, bytes: &'a mut Vec<u8>) -> &'a [u8] {
    bytes.clear();
    values.iter().take(usize::from(most)).for_each(|value| bytes.extend(value.0.to_le_bytes()));
    bytes
}
